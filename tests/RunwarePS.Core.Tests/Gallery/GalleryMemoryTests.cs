namespace RunwarePS.Core.Tests;

/// <summary>Alone, for the memory of a process is that of all tests that run beside it.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "alone";
}

[Collection(Alone.Name)]
public sealed class GalleryMemoryTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Pages_of_thousands_are_written_in_little_memory()
    {
        var image = Galleries.Image(new string('x', 30_000), _folder.Of("a.jpg"));
        await File.WriteAllBytesAsync(image.Path!, Pictures.Jpeg(200_000));
        var page = _folder.Of("page.html");
        var entry = Galleries.Entries(image).Single();
        using var writer = new GalleryWriter(page, Galleries.NoNetwork);
        for (var i = 0; i < 10; i++)
        {
            await writer.AddAsync(entry, CancellationToken.None);
        }

        var before = GC.GetTotalMemory(forceFullCollection: true);
        for (var i = 0; i < 300; i++)
        {
            await writer.AddAsync(entry, CancellationToken.None);
        }

        (GC.GetTotalMemory(forceFullCollection: true) - before).ShouldBeLessThan(2_000_000);
        await writer.FinishAsync("t", force: false, CancellationToken.None);
        new FileInfo(page).Length.ShouldBeGreaterThan(60_000_000);
    }
}
