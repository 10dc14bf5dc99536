namespace RunwarePS.Api;

/// <summary>Turns one result of the API into the picture that users see.</summary>
internal static class ImageReader
{
    /// <summary>In USD: what claims to cost more is a slip, and no sum is made with it.</summary>
    private const decimal DearestImage = 100_000;

    public static RunwareImage Read(ResultItem item, int index, DateTime now, Secrets secrets)
    {
        var image = new RunwareImage
        {
            TaskUuid = item.TaskUuid ?? Guid.Empty,
            ImageUuid = item.ImageUuid ?? Guid.Empty,
            ImageUrl = Uri.TryCreate(item.ImageUrl, UriKind.Absolute, out var url) ? url : null,
            Seed = item.Seed,
            NsfwContent = item.NsfwContent,
            Cost = item.Cost is > 0 and < DearestImage ? item.Cost : null, // 0 is how some models leave it unsaid
            Index = index,
            CreatedAt = now,
            AdditionalData = ValueReader.ToHashtable(item.Unknown, secrets.Hide),
        };
        if (item.ImageBase64Data is { } data)
        {
            image.SetBytes(data.Bytes, mediaType: null);
        }
        else if (item.ImageDataUri is { } uri)
        {
            image.SetBytes(uri.Bytes, uri.MediaType ?? "application/octet-stream");
        }

        return image;
    }
}
