using System.Diagnostics;
using System.Net.Http.Json;

namespace RunwarePS.Bench.Server;

/// <summary>The server as the bench sees it: a child process with a control address.</summary>
internal sealed class ServerProcess : IDisposable
{
    public const string Argument = "--serve";

    private readonly HttpClient _control = new();
    private readonly Process _process;

    private ServerProcess(Process process, Uri address) => (_process, Address) = (process, address);

    public Uri Address { get; }

    public Uri Endpoint => new(Address, "v1");

    public static async Task<ServerProcess> StartAsync()
    {
        var process = Process.Start(new ProcessStartInfo(Self.Program, Self.Arguments(Argument))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        })!;
        var line = await process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The server did not start.");
        return new ServerProcess(process, new Uri(line));
    }

    public async Task SetAsync(ServerSettings settings)
    {
        using var reply = await _control.PostAsJsonAsync(new Uri(Address, "control"), settings);
        reply.EnsureSuccessStatusCode();
    }

    public async Task<ServerCounts> CountsAsync() => (await _control.GetFromJsonAsync<ServerCounts>(new Uri(Address, "control")))!;

    public void Dispose()
    {
        _control.Dispose();
        _process.StandardInput.Close();
        if (!_process.WaitForExit(5000))
        {
            _process.Kill();
        }

        _process.Dispose();
    }
}
