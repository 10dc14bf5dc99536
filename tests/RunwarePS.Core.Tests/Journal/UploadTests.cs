using RunwarePS.Core.Tests.Execution;

namespace RunwarePS.Core.Tests.Journal;

/// <summary>The journal remembers what was uploaded, by endpoint, account and content.</summary>
public sealed class UploadTests : IDisposable
{
    private readonly TemporaryJournal _file = new();

    public void Dispose() => _file.Dispose();

    [Fact]
    public async Task An_upload_is_found_by_its_content_in_its_scope_until_it_is_old()
    {
        var journal = _file.Open();
        await journal.UploadedAsync(Rows.Mine, "AB", Stored(Talk.A), DateTime.UtcNow);
        await journal.UploadedAsync(Rows.Mine, "CD", Stored(Talk.A), DateTime.UtcNow.AddDays(-30));

        (await journal.FindUploadAsync(Rows.Mine, "AB", CancellationToken.None)).ShouldBe(Stored(Talk.A));
        (await journal.FindUploadAsync(Rows.Mine, "CD", CancellationToken.None)).ShouldBeNull();
        (await journal.FindUploadAsync(Rows.Mine, "EF", CancellationToken.None)).ShouldBeNull();
        (await journal.FindUploadAsync(Rows.Mine with { Account = "another" }, "AB", CancellationToken.None)).ShouldBeNull();

        await journal.UploadedAsync(Rows.Mine, "CD", new StoredMedium(Talk.B, Url: null), DateTime.UtcNow);
        (await journal.FindUploadAsync(Rows.Mine, "CD", CancellationToken.None)).ShouldBe(new StoredMedium(Talk.B, Url: null));
    }

    [Fact]
    public async Task An_upload_that_is_removed_is_forgotten_in_its_scope()
    {
        var journal = _file.Open();
        await journal.UploadedAsync(Rows.Mine, "AB", Stored(Talk.A), DateTime.UtcNow);
        await journal.UploadedAsync(Rows.Mine with { Account = "another" }, "AB", Stored(Talk.A), DateTime.UtcNow);
        await journal.UploadedAsync(Rows.Mine, "CD", Stored(Talk.B), DateTime.UtcNow);

        await journal.UploadRemovedAsync(Rows.Mine, Talk.A);

        (await journal.FindUploadAsync(Rows.Mine, "AB", CancellationToken.None)).ShouldBeNull();
        (await journal.FindUploadAsync(Rows.Mine, "CD", CancellationToken.None)).ShouldBe(Stored(Talk.B));
        (await journal.FindUploadAsync(Rows.Mine with { Account = "another" }, "AB", CancellationToken.None)).ShouldBe(Stored(Talk.A));
    }

    private static StoredMedium Stored(Guid id) => new(id, new Uri($"https://im.example/{id:D}.png"));

    [Fact]
    public void The_request_is_the_same_under_whichever_id_its_content_was_uploaded()
    {
        var (one, other) = (Video(), Video());
        one.Uploaded(Talk.A);
        other.Uploaded(Talk.B);

        var hashes = new[] { one, other, Video() }.Select(m => Convert.ToHexString(RequestFingerprint.Of(new System.Text.Json.Nodes.JsonObject { ["inputs"] = m.ToNode() })));

        hashes.Distinct(StringComparer.Ordinal).ShouldHaveSingleItem();

        static MediaInput Video() => MediaInput.UploadOf(new byte[] { 1, 2, 3 });
    }
}
