using System.Text;

namespace RunwarePS.Core.Tests;

/// <summary>Lines of a stream of events, however the network cuts them.</summary>
public sealed class EventStreamReaderTests
{
    [Theory]
    [InlineData("data: {\"a\":1}\n\ndata: [DONE]\n\n", "{\"a\":1}", true)]
    [InlineData("data:{\"a\":1}\r\n\r\ndata:[DONE]\r\n", "{\"a\":1}", true)]
    [InlineData("data:  {\"a\":1}\ndata: [DONE]", " {\"a\":1}", true)]
    [InlineData(": keep-alive\n:\nevent: x\nid: 3\nretry: 5\ndata\nnoise\ndata:\ndata: {\"a\":1}\n", "{\"a\":1}", false)]
    [InlineData("\uFEFFdata: {\"a\":1}\n", "{\"a\":1}", false)]
    [InlineData("data: {\"a\":1}", "{\"a\":1}", false)]
    [InlineData("data: {\"a\":\"é€😀\"}\ndata: {\"b\":2}\n", "{\"a\":\"é€😀\"}|{\"b\":2}", false)]
    [InlineData("data: [DONE]\ndata: {\"late\":1}\n", "", true)]
    [InlineData("", "", false)]
    public async Task Data_lines_are_read_and_all_others_ignored(string text, string expected, bool isDone)
    {
        foreach (var chunk in new[] { 1, 2, 3, 7, int.MaxValue })
        {
            var reader = new EventStreamReader(new Chunks(Encoding.UTF8.GetBytes(text), chunk), TimeSpan.FromMinutes(1));

            (await ReadAllAsync(reader)).ShouldBe(expected.Split('|', StringSplitOptions.RemoveEmptyEntries));

            reader.IsDone.ShouldBe(isDone);
        }
    }

    [Fact]
    public async Task A_line_can_be_longer_than_any_packet_and_the_buffer_is_used_again()
    {
        var lines = Enumerable.Range(1, 300).Select(i => new string('x', i * 97)).ToArray();
        var text = string.Concat(lines.Select(l => $"data: {l}\n"));

        var reader = new EventStreamReader(new Chunks(Encoding.UTF8.GetBytes(text), 1000), TimeSpan.FromMinutes(1));

        (await ReadAllAsync(reader)).ShouldBe(lines);
    }

    [Fact]
    public async Task Silence_longer_than_the_timeout_ends_it()
    {
        var reader = new EventStreamReader(new Chunks("data: {}\n"u8.ToArray(), 100) { IsOpen = true }, TimeSpan.FromMilliseconds(50));
        (await reader.NextAsync(CancellationToken.None)).ShouldNotBeNull();

        await Should.ThrowAsync<TimeoutException>(async () => await reader.NextAsync(CancellationToken.None));
    }

    [Fact]
    public async Task Comments_keep_it_alive()
    {
        var text = string.Concat(Enumerable.Repeat(": wait\n", 12)) + "data: {}\n";
        var reader = new EventStreamReader(new Chunks(Encoding.UTF8.GetBytes(text), 7) { Pause = TimeSpan.FromMilliseconds(200) }, TimeSpan.FromSeconds(2));

        (await reader.NextAsync(CancellationToken.None)).ShouldNotBeNull();
    }

    private static async Task<List<string>> ReadAllAsync(EventStreamReader reader)
    {
        var all = new List<string>();
        while (await reader.NextAsync(CancellationToken.None) is { } json)
        {
            all.Add(Encoding.UTF8.GetString(json.Span));
        }

        return all;
    }

    /// <summary>Bytes that arrive in pieces.</summary>
    private sealed class Chunks(byte[] bytes, int size) : MemoryStream(bytes)
    {
        public bool IsOpen { get; init; }

        public TimeSpan Pause { get; init; }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (Pause > TimeSpan.Zero)
            {
                await Task.Delay(Pause, cancellationToken);
            }

            var read = await base.ReadAsync(buffer[..Math.Min(size, buffer.Length)], cancellationToken);
            if (read == 0 && IsOpen)
            {
                await Task.Delay(Timeout.Infinite, cancellationToken);
            }

            return read;
        }
    }
}
