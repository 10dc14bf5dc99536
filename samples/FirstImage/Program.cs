using System.Globalization;
using System.Reflection;
using RunwarePS;
using RunwarePS.Delivery;
using RunwarePS.Http;
using RunwarePS.Imaging;
using RunwarePS.Samples;
using RunwarePS.Sandbox;

// The first picture on a fresh machine: through the real cmdlets where a PowerShell is found, through the same core where none is.
var root = Assembly.GetExecutingAssembly().GetCustomAttributes<AssemblyMetadataAttribute>().First(a => a.Key == "RepositoryRoot").Value!;
var module = Path.Combine(root, "out", "RunwarePS");
var folder = Path.Combine(root, "out", "pictures");

if (InstalledPowerShell.Found is { } pwsh)
{
    Console.WriteLine($"PowerShell {pwsh.Version} makes pictures on the sandbox with New-RunwareImage:");
    Console.Write(InstalledPowerShell.Run(
        pwsh.Executable,
        ["-NoProfile", "-NonInteractive", "-File", Path.Combine(root, "samples", "first-image.ps1"), "-Path", folder, "-Module", module],
        out var exitCode));
    Console.WriteLine(exitCode == 0 ? $"Done. The module is staged in {module}: Import-Module {module}" : "That failed; its message stands above.");
    return exitCode;
}

Console.WriteLine($"No PowerShell here, so the same core makes the pictures without cmdlets. To have them, {InstalledPowerShell.HowToGetOne}");
using var sandbox = RunwareSandbox.Start();
var http = new HttpPipelineFactory();
var settings = ConnectionSettings.Create(sandbox.Endpoint, key: null);
var client = new RunwareClient(http.CreateApiClient(), settings);
var delivery = new ImageDelivery(client, new DeliveryOptions(settings.MaxRetryCount, Patience: null, Lanes: 1), ConnectionJournal.None(settings), TimeProvider.System);
var saver = new ImageSaver(new ImageSource(http.CreateDownloadClient, settings.Timeout, settings.MaxRetryCount, TimeProvider.System));
var options = new ImageSaveOptions { Folder = folder, Template = FileNameTemplate.Parse("{InputIndex}-{Prompt}"), Force = true };
string[] prompts = ["a red tram in the rain", "a lighthouse keeper reading a letter, gouache", "an orange cat asleep on a warm terminal"];
for (var i = 0; i < prompts.Length; i++)
{
    var request = new ImageRequest { TaskUuid = Guid.NewGuid(), Prompt = prompts[i], Quality = "high", InputIndex = i }.WithSize("Landscape", width: null, height: null);
    var result = await delivery.RunAsync(ImageTask.Prepare(request), CancellationToken.None);
    if (result.Failures.Count > 0)
    {
        throw result.Failures[0];
    }

    foreach (var image in result.Images)
    {
        var saved = await saver.SaveAsync(image, options, CancellationToken.None);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{image.Width}x{image.Height}  {image.Cost} USD  {saved.Path}"));
    }
}

return 0;
