using System.Diagnostics;

namespace RunwarePS.Tests;

/// <summary>Several records, several requests in flight, and early ends.</summary>
public sealed class PipelineTests : EngineTest
{
    [Fact]
    public void WhatIf_sends_nothing()
    {
        Session.StartSandbox();

        Session.Run("'a snail on glass', 'a snail on bark' | New-RunwareImage -Size Landscape -Quality high -WhatIf").Output.ShouldBeEmpty();

        Session.Run("$sandbox.Request.Count").Value<int>().ShouldBe(0);
    }

    [Fact]
    public void WhatIf_writes_no_file()
    {
        Session.StartSandbox();
        var folder = NewFolder();

        Session.Run("New-RunwareImage 'a snail on glass' | Save-RunwareImage -Path (Join-Path $args[0] new) -WhatIf", folder).Output.ShouldBeEmpty();

        Directory.EnumerateFileSystemEntries(folder).ShouldBeEmpty();
    }

    [Fact]
    public void WhatIf_needs_no_connection() =>
        Session.Run("New-RunwareImage 'a snail on glass' -WhatIf").Output.ShouldBeEmpty();

    [Fact]
    public void Select_first_ends_the_sending()
    {
        Session.StartSandbox();

        var run = Session.Run("1..10 | ForEach-Object { \"heron $_\" } | New-RunwareImage -ThrottleLimit 1 | Select-Object -First 2");

        run.Output.Length.ShouldBe(2);
        Session.SentPrompts.ShouldBe(["heron 1", "heron 2"]);
    }

    [Fact]
    public void Select_first_with_several_in_flight_sends_no_more_than_the_window_after_it()
    {
        Session.StartSandbox("-Latency 0.1");

        var run = Session.Run("1..30 | ForEach-Object { \"heron $_\" } | New-RunwareImage -ThrottleLimit 3 | Select-Object -First 2");

        run.Output.Length.ShouldBe(2);
        Session.Sent.Length.ShouldBeInRange(2, 2 + 3);
    }

    [Fact]
    public void One_refused_record_costs_no_other_its_image()
    {
        Session.StartSandbox("-Fault @{ Kind = 'Refusal'; Match = 'b' }");

        var run = Session.Try("'a', 'b', 'c' | New-RunwareImage");

        run.Ended.ShouldBeNull();
        run.Output.Select(i => i.Get("Prompt")).ShouldBe(["a", "c"], ignoreOrder: true);
        run.Error.Id().ShouldBe("Runware.invalidProviderContent");
        run.Error.Target("Prompt").ShouldBe("b");
        run.Error.Target("InputIndex").ShouldBe(1);
    }

    [Fact]
    public void ErrorAction_stop_ends_the_sending()
    {
        Session.StartSandbox("-Fault @{ Kind = 'Refusal'; Match = 'b' }");

        var run = Session.Try("'a', 'b', 'c' | New-RunwareImage -ThrottleLimit 1 -ErrorAction Stop");

        run.Ended.ShouldNotBeNull().Id().ShouldBe("Runware.invalidProviderContent");
        run.Output.Length.ShouldBe(1);
        Session.SentPrompts.ShouldBe(["a", "b"]);
    }

    [Fact]
    public void An_exception_downstream_ends_the_sending_and_keeps_its_own_words()
    {
        Session.StartSandbox();

        var run = Session.Try("1..10 | ForEach-Object { \"heron $_\" } | New-RunwareImage -ThrottleLimit 1 | ForEach-Object { throw 'no room' }");

        run.Ended.ShouldNotBeNull().Exception.Message.ShouldBe("no room");
        Session.Sent.Length.ShouldBe(1);
    }

    [Fact]
    public void Output_appears_while_later_records_wait()
    {
        Session.StartSandbox();

        // Each record says when it came in: the first image must be out before the last record goes in.
        var run = Session.Run("1..6 | ForEach-Object { \"in $_\"; } | New-RunwareImage -ThrottleLimit 1 -PipelineVariable image | ForEach-Object { $sandbox.Request.Count }");

        run.Output.Select(o => (int)o.BaseObject).ShouldBe([1, 2, 3, 4, 5, 6]);
    }

    [Fact]
    public void Fifty_prompts_with_one_refused_give_49_images_and_one_error_in_parallel()
    {
        Session.StartSandbox("-Latency 1 -Fault @{ Kind = 'Refusal'; Match = 'heron 17.' }");
        Session.Run("$null = New-RunwareImage 'the first one loads the libraries'");

        var watch = Stopwatch.StartNew();
        var run = Session.Try("1..50 | ForEach-Object { \"heron $_.\" } | New-RunwareImage -ThrottleLimit 10");

        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(45)); // one after the other they take fifty; ten at a time, five
        run.Output.Length.ShouldBe(49);
        run.Output.Select(i => i.Get("Prompt")).Distinct().Count().ShouldBe(49);
        run.Error.Target("Prompt").ShouldBe("heron 17.");
        run.Error.Target("InputIndex").ShouldBe(16);
        Session.Run("@($sandbox.Generation).Count").Value<int>().ShouldBe(50); // 49 and the first; the refused one costs nothing
    }

    [Fact]
    public void Every_image_knows_its_record_and_its_place_in_the_task()
    {
        Session.StartSandbox();

        var images = Session.Run("'a heron', 'a stork' | New-RunwareImage -Count 2 -Tag birds -Size Portrait").Output;

        images.Select(i => $"{i.Get("Prompt")} {i.Get("InputIndex")} {i.Get("Index")} {i.Get("Tag")} {i.Get("Width")}x{i.Get("Height")}").Order(StringComparer.Ordinal).ShouldBe(
            ["a heron 0 0 birds 1024x1536", "a heron 0 1 birds 1024x1536", "a stork 1 0 birds 1024x1536", "a stork 1 1 birds 1024x1536"]);
        images.Select(i => i.Get("TaskUuid")).Distinct().Count().ShouldBe(2);
        images.Select(i => i.Get("ImageUuid")).Distinct().Count().ShouldBe(4);
    }

    [Fact]
    public void An_image_pipes_on_into_another_of_its_kind()
    {
        Session.StartSandbox();

        var run = Session.Run("New-RunwareImage 'a heron' -Size Landscape -OutputFormat PNG -Tag birds | New-RunwareImage");

        var sent = Session.Sent;
        sent[1]["positivePrompt"]!.GetValue<string>().ShouldBe("a heron");
        sent[1]["width"]!.GetValue<int>().ShouldBe(1536);
        sent[1]["outputFormat"]!.GetValue<string>().ShouldBe("PNG");
        sent[1]["taskUUID"]!.GetValue<Guid>().ShouldNotBe(sent[0]["taskUUID"]!.GetValue<Guid>());
        run.Output.ShouldHaveSingleItem().Get("Tag").ShouldBe("birds");
    }
}
