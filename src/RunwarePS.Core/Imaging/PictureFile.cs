namespace RunwarePS.Imaging;

/// <summary>Pictures on disk, which are the user's: what is read here may be renamed, replaced or deleted meanwhile.</summary>
internal static class PictureFile
{
    public static FileStream OpenRead(string path) => new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
}
