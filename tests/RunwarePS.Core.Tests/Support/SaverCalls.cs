namespace RunwarePS.Core.Tests;

internal static class SaverCalls
{
    /// <summary>Saves an image as the API made it, so that a test can compare its bytes.</summary>
    public static async Task<string> SaveAsync(this MediaSaver saver, RunwareImage image, string folder, FileNameTemplate template, bool force, CancellationToken cancellationToken) =>
        (await saver.SaveAsync(image, new SaveOptions { Folder = folder, Template = template, Force = force, Metadata = false }, cancellationToken)).Path;
}
