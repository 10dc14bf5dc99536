using System.Buffers.Binary;
using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using RunwarePS.Core.Tests;

namespace RunwarePS.Tests;

/// <summary>Each task type end to end: what is sent, the result, its file, the ledger, a lost response, and a session that was killed.</summary>
public sealed class TaskTypeTests : EngineTest
{
    private const string Image = "https://files.example/a.png";

    // Type, command, the task as it's sent without its ID, the kind of result, and the extension of its file.
    private static readonly TypeCase[] s_cases =
    [
        new("New-RunwareImage 'A lighthouse' -Quality high -Size Landscape -OutputFormat png", """
            {"taskType":"imageInference","model":"openai:1@1","positivePrompt":"A lighthouse","width":1536,"height":1024,
             "providerSettings":{"openai":{"quality":"high"}},"outputFormat":"PNG","includeCost":true}
            """, "RunwareImage", ".png"),
        new("New-RunwareVideo 'A lighthouse' -Model klingai:kling-video@2.6-pro -Size 1920x1080 -Duration 5", """
            {"taskType":"videoInference","model":"klingai:kling-video@2.6-pro","positivePrompt":"A lighthouse","width":1920,"height":1080,
             "duration":5,"deliveryMethod":"async","includeCost":true}
            """, "RunwareVideo", ".mp4"),
        new("New-RunwareAudio 'Hi.' -Model alibaba:qwen@3-tts-1.7b-base -Voice clone -ReferenceAudio https://files.example/a.mp3 -AdditionalParameter @{ 'settings.transcript' = 'Ho.' }", """
            {"taskType":"audioInference","model":"alibaba:qwen@3-tts-1.7b-base","speech":{"text":"Hi.","voice":"clone"},
             "inputs":{"audio":"https://files.example/a.mp3"},"settings":{"transcript":"Ho."},"includeCost":true}
            """, "RunwareAudio", ".mp3"),
        new("New-RunwareText 'Name three lighthouses.' -Model deepseek:v4@flash -SystemPrompt 'Be brief.'", """
            {"taskType":"textInference","model":"deepseek:v4@flash","messages":[{"role":"user","content":"Name three lighthouses."}],
             "settings":{"systemPrompt":"Be brief."},"includeCost":true}
            """, "RunwareText", ".txt"),
        new("Invoke-RunwareTask 3dInference tripo:v3.1@0 -Parameter @{ positivePrompt = 'A lighthouse' }", """
            {"taskType":"3dInference","model":"tripo:v3.1@0","positivePrompt":"A lighthouse","includeCost":true}
            """, "RunwareFile", ".glb"),
        new("Invoke-RunwareTask training exactly:illustrative@training -Parameter @{ 'inputs.dataset' = 'https://files.example/a.zip'; importModel = @{ air = 'me:style@1'; name = 'Mine' } }", """
            {"taskType":"training","model":"exactly:illustrative@training","inputs":{"dataset":"https://files.example/a.zip"},
             "importModel":{"air":"me:style@1","name":"Mine"},"includeCost":true}
            """, "RunwareFile", ".safetensors"),
        new("Invoke-RunwareTask -Model runware:llama-3-1-8b@prompt-enhancer -Parameter @{ prompt = 'A fox' }", """
            {"taskType":"promptEnhance","model":"runware:llama-3-1-8b@prompt-enhancer","prompt":"A fox","includeCost":true}
            """, "RunwareText", ".txt"),
        new($"Convert-RunwareMedia {Image} Upscale -Model runware:500@1 -Factor 2", $$"""
            {"taskType":"upscale","model":"runware:500@1","inputs":{"image":"{{Image}}"},"upscaleFactor":2,"includeCost":true}
            """, "RunwareImage", ".jpg"),
        new($"Convert-RunwareMedia {Image} RemoveBackground -Model runware:109@1", $$"""
            {"taskType":"removeBackground","model":"runware:109@1","inputs":{"image":"{{Image}}"},"outputFormat":"PNG","includeCost":true}
            """, "RunwareImage", ".png"),
        new($"Convert-RunwareMedia {Image} Caption -Model runware:150@2 -Prompt 'What is it?'", $$"""
            {"taskType":"caption","model":"runware:150@2","inputs":{"image":"{{Image}}"},"prompt":"What is it?","includeCost":true}
            """, "RunwareText", ".txt"),
        new($"Convert-RunwareMedia {Image} ImageMasking -Model runware:35@1 -OutputFormat webp", $$"""
            {"taskType":"imageMasking","model":"runware:35@1","inputs":{"image":"{{Image}}"},"outputFormat":"WEBP","includeCost":true}
            """, "RunwareImage", ".webp"),
        new($"Convert-RunwareMedia {Image} ControlNetPreprocess -Model runware:controlnet-preprocess@canny", $$"""
            {"taskType":"controlNetPreprocess","model":"runware:controlnet-preprocess@canny","inputs":{"image":"{{Image}}"},"includeCost":true}
            """, "RunwareImage", ".jpg"),
        new($"Convert-RunwareMedia {Image} Vectorize -Model recraft:1@1", $$"""
            {"taskType":"vectorize","model":"recraft:1@1","inputs":{"image":"{{Image}}"},"includeCost":true}
            """, "RunwareImage", ".svg"),
    ];

    public static TheoryData<string> Types() => [.. s_cases.Select(c => c.Type)];

    public static TheoryData<string> TypesWithPlayer() => [.. s_cases.Where(c => c.Extension is ".mp4" or ".mp3" or ".png" or ".jpg" or ".webp").Select(c => c.Type)];

    [Theory]
    [MemberData(nameof(Types))]
    public void A_type_runs_through_its_cmdlet_and_through_Invoke(string type)
    {
        var one = Case(type);
        Session.StartSandbox();
        var folder = NewFolder();

        var run = Session.Run($$"""
            $results = @({{one.Command}}; $args[1] | Invoke-RunwareTask)
            $results.ForEach({ $_.GetType().Name })
            $results | Save-RunwareMedia -Path $args[0] -FileName '{TaskUuid}' | ForEach-Object Extension
            $spend = @(Get-RunwareSpend)
            $results.ForEach({ $id = $_.TaskUuid; $entry = $spend.Where({ $_.TaskUuid -eq $id }); $entry.Count -eq 1 -and $entry.Cost -gt 0 -and $entry.Cost -eq $_.Cost -and $entry.Model -eq $_.Model })
            ($sandbox.Generation.Cost | Measure-Object -Sum).Sum -eq ($spend.Cost | Measure-Object -Sum).Sum
            """, folder, one.Given);

        run.Texts.ShouldBe([one.Kind, one.Kind, one.Extension, one.Extension, "True", "True", "True"]);
        var sent = Sent(type);
        sent.Length.ShouldBe(2);
        foreach (var task in sent)
        {
            Guid.TryParse((string?)task["taskUUID"], out _).ShouldBeTrue();
            task.Remove("taskUUID");
            JsonNode.DeepEquals(task, JsonNode.Parse(one.Wire)).ShouldBeTrue(task.ToJsonString());
        }

        Directory.GetFiles(folder).Select(file => FormatOf(File.ReadAllBytes(file))).ShouldBe([one.Extension, one.Extension]);
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void A_lost_response_buys_once(string type)
    {
        var one = Case(type);
        Session.StartSandbox($"-Fault @{{ Kind = 'DropAfterAcceptance'; Times = 1; TaskType = '{type}' }}");

        Session.Run($"{one.Command} | ForEach-Object {{ $_.GetType().Name }}; $sandbox.Generation.Count; @(Get-RunwareSpend).Count").Texts.ShouldBe([one.Kind, "1", "1"]);

        Sent(type).Select(task => (string?)task["taskUUID"]).ToArray().ShouldSatisfyAllConditions(
            ids => ids.Length.ShouldBe(2),
            ids => ids.Distinct(StringComparer.Ordinal).ShouldHaveSingleItem());
    }

    [SkippableTheory]
    [MemberData(nameof(TypesWithPlayer))]
    public void Players_and_viewers_open_the_file(string type)
    {
        var one = Case(type);
        Session.StartSandbox();

        var file = Session.Run($"{one.Command} | Save-RunwareMedia -Path $args[0] | ForEach-Object FullName", NewFolder()).Text;

        var isPlayed = one.Extension is ".mp4" or ".mp3";
        var said = isPlayed
            ? Tool.Run("ffprobe", "-v", "error", "-show_entries", "format=format_name", "-of", "csv=p=0", file)
            : Tool.ImageMagick(file, "-format", "%m", "info:");
        Skip.If(said is null, $"{(isPlayed ? "ffprobe" : "ImageMagick")} isn't installed on this machine");
        said.Trim().ShouldContain(one.Extension switch { ".jpg" => "JPEG", ".mp4" or ".mp3" => one.Extension[1..], var other => other[1..].ToUpperInvariant() });
    }

    [Fact]
    public void A_session_that_is_killed_with_tasks_of_all_types_in_flight_is_resumed_and_nothing_is_lost_or_bought_twice()
    {
        var journal = Path.Combine(NewFolder(), "journal.db");
        Session.StartSandbox("-Latency 3", $"-JournalPath '{journal}'");
        var endpoint = Session.Run("$sandbox.Endpoint").Text;
        var rows = string.Join(", ", s_cases.Select(c => $"'{c.Given}'"));

        Kill($"Import-Module '{Repository.Module}'; Connect-Runware -Endpoint {endpoint} -JournalPath '{journal}' -JournalRequired; {rows} | Invoke-RunwareTask -ThrottleLimit 20");

        var run = Session.Run("""
            $folder = $args[0]
            @(Get-RunwareTask -Pending).Count
            Resume-RunwareTask -Confirm:$false | Receive-RunwareTask -Wait | ForEach-Object {
                "$($_.GetType().Name) $(($_ | Save-RunwareMedia -Path $folder).Extension)"
            }
            """, NewFolder());

        run.Texts[0].ShouldBe(s_cases.Length.ToString(System.Globalization.CultureInfo.InvariantCulture));
        run.Texts[1..].ShouldBe(s_cases.Select(c => $"{c.Kind} {c.Extension}"), ignoreOrder: true);
        Session.Run("$sandbox.Generation.Count; @($sandbox.Generation.TaskUuid | Select-Object -Unique).Count; @(Get-RunwareSpend | Where-Object Cost).Count")
            .Texts.Distinct(StringComparer.Ordinal).ShouldHaveSingleItem().ShouldBe(run.Texts[0]);
    }

    private static TypeCase Case(string type) => s_cases.Single(c => c.Type == type);

    // Kills the engine as soon as the sandbox has accepted all its tasks.
    private void Kill(string script)
    {
        var engine = PowerShellEngine.Current;
        var start = ChildProcess.Prepare(engine.File, [.. engine.Arguments, "-NoProfile", "-NonInteractive", "-Command", script]);
        start.RedirectStandardOutput = true;
        using var child = Process.Start(start)!;
        var limit = Stopwatch.StartNew();
        while (Session.Run("$sandbox.Generation.Count").Text != $"{s_cases.Length}")
        {
            child.HasExited.ShouldBeFalse();
            limit.Elapsed.ShouldBeLessThan(TimeSpan.FromMinutes(1));
            Thread.Sleep(20);
        }

        child.Kill(entireProcessTree: true);
        child.WaitForExit();
    }

    private JsonObject[] Sent(string type) =>
        [.. Session.Run($"$sandbox.Request.Where{{ $_.TaskType -contains '{type}' }}.Body").Texts.SelectMany(body => JsonNode.Parse(body)!.AsArray()).Select(task => task!.AsObject())];

    /// <summary>The extension that belongs to a file, as far as its structure holds.</summary>
    private static string FormatOf(byte[] file) => file switch
    {
        [0x89, (byte)'P', (byte)'N', (byte)'G', ..] => ".png",
        [0xff, 0xd8, 0xff, .., 0xff, 0xd9] => ".jpg",
        [(byte)'R', (byte)'I', (byte)'F', (byte)'F', _, _, _, _, (byte)'W', (byte)'E', (byte)'B', (byte)'P', ..] => ".webp",
        [(byte)'I', (byte)'D', (byte)'3', ..] or [0xff, >= 0xe0, ..] => ".mp3",
        [(byte)'g', (byte)'l', (byte)'T', (byte)'F', 2, ..] when BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(8)) == file.Length => ".glb",
        [_, _, _, _, (byte)'f', (byte)'t', (byte)'y', (byte)'p', ..] when HasWholeBoxes(file) => ".mp4",
        [_, _, _, _, _, _, 0, 0, (byte)'{', ..] when JsonNode.Parse(file.AsSpan(8, (int)BinaryPrimitives.ReadInt64LittleEndian(file))) is JsonObject => ".safetensors",
        [(byte)'<', ..] => "." + XDocument.Parse(Encoding.UTF8.GetString(file)).Root!.Name.LocalName,
        _ => new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true).GetString(file).Length > 0 ? ".txt" : "",
    };

    private static bool HasWholeBoxes(byte[] file)
    {
        var at = 0;
        while (at + 8 <= file.Length)
        {
            at += BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(at));
        }

        return at == file.Length;
    }

    private sealed record TypeCase(string Command, string Wire, string Kind, string Extension)
    {
        public string Type { get; } = (string)JsonNode.Parse(Wire)!["taskType"]!;

        /// <summary>The task in the API's own terms, without what the module adds.</summary>
        public string Given
        {
            get
            {
                var task = JsonNode.Parse(Wire)!.AsObject();
                task.Remove("deliveryMethod");
                task.Remove("includeCost");
                return task.ToJsonString();
            }
        }
    }
}
