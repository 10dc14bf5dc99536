namespace RunwarePS.Tests;

/// <summary>Get-RunwareTask with ids.</summary>
public sealed class TaskTests : EngineTest
{
    private const string Unknown = "3f0c1d5e-8a55-4f1c-9d6b-0a3c5e7f9b21";

    [Fact]
    public void A_known_task_shows_its_state_and_its_images()
    {
        Session.StartSandbox();

        var run = Session.Run("$images = New-RunwareImage 'a wheel' -Count 2 -Quality high; Get-RunwareTask $images[0].TaskUuid; $images[0].TaskUuid");

        var task = run.Output[0];
        task.TypeNames[0].ShouldBe("RunwarePS.RunwareTask");
        task.Get("TaskUuid").ShouldBe(run.Output[1].BaseObject);
        task.Get("Status").ShouldBe("Succeeded");
        ((Array)task.Get("Image")!).Length.ShouldBe(2);
        task.Get("Cost").ShouldBe(2 * 0.167m);
        ((Array)task.Get("Failure")!).Length.ShouldBe(0);
    }

    [Fact]
    public void A_task_that_the_server_does_not_know_is_unknown()
    {
        Session.StartSandbox();

        var task = Session.Run($"Get-RunwareTask {Unknown}").Output.ShouldHaveSingleItem();

        task.Get("TaskUuid").ShouldBe(Guid.Parse(Unknown));
        task.Get("Status").ShouldBe("Unknown");
        task.Get("Cost").ShouldBeNull();
        ((Array)task.Get("Image")!).Length.ShouldBe(0);
    }

    [Fact]
    public void A_task_that_failed_is_an_object_with_its_failure_and_no_error()
    {
        Session.StartSandbox("-Fault @{ Kind = 'PartialFailure' }");

        var task = Session.Run($"New-RunwareImage 'a wheel' -TaskUuid {Unknown} -ErrorAction Ignore; Get-RunwareTask {Unknown}").Output.ShouldHaveSingleItem();

        task.Get("Status").ShouldBe("Failed");
        System.Management.Automation.PSObject.AsPSObject(((Array)task.Get("Failure")!).GetValue(0)!).Get("Code").ShouldBe("invalidProviderContent");
    }

    [Fact]
    public void A_task_that_is_still_running_reports_it()
    {
        Session.StartSandbox("-Fault @{ Kind = 'NeverFinishes' }", connect: "-TimeoutSec 1 -MaxRetryCount 0");

        Session.Run($"New-RunwareImage 'a wheel' -TaskUuid {Unknown} -ErrorAction Ignore; (Get-RunwareTask {Unknown}).Status").Text.ShouldBe("Processing");
    }

    [Theory]
    [InlineData("Get-RunwareTask $image.TaskUuid")]
    [InlineData("Get-RunwareTask \"$($image.TaskUuid)\"")]
    [InlineData("Get-RunwareTask $image")]
    [InlineData("$image.TaskUuid | Get-RunwareTask")]
    [InlineData("\"$($image.TaskUuid)\" | Get-RunwareTask")]
    [InlineData("$image | Get-RunwareTask")]
    [InlineData("$image | Get-RunwareTask | Get-RunwareTask")]
    [InlineData("[pscustomobject]@{ taskUUID = \"$($image.TaskUuid)\" } | Get-RunwareTask")]
    [InlineData("\"taskUUID`n$($image.TaskUuid)\" -split \"`n\" | ConvertFrom-Csv | Get-RunwareTask")]
    public void A_task_is_given_by_id_or_by_whatever_has_one(string script)
    {
        Session.StartSandbox();

        Session.Run($"$image = New-RunwareImage 'a wheel'; {script} | ForEach-Object {{ \"$($_.TaskUuid -eq $image.TaskUuid) $($_.Status)\" }}").Texts.ShouldBe(["True Succeeded"]);
    }

    [Fact]
    public void Several_ids_give_several_tasks()
    {
        Session.StartSandbox();

        Session.Run("$images = 'a wheel', 'a spoke' | New-RunwareImage; Get-RunwareTask $images.TaskUuid").Output.Length.ShouldBe(2);
    }

    [Theory]
    [InlineData("'not-an-id'")]
    [InlineData("Get-Item -LiteralPath $PSHOME")]
    [InlineData("42")]
    public void What_is_no_id_is_an_error_of_its_record(string record)
    {
        Session.StartSandbox();

        var run = Session.Try($"& {{ {record}; '{Unknown}' }} | Get-RunwareTask");

        run.Ended.ShouldBeNull();
        run.Errors.Length.ShouldBe(1);
        run.Output.Length.ShouldBe(1);
    }

    [Fact]
    public void A_question_that_is_refused_is_an_error_and_no_task()
    {
        Session.StartSandbox("-Fault @{ Kind = 'Status'; StatusCode = 401; Code = 'invalidApiKey' }");

        var run = Session.Try($"Get-RunwareTask {Unknown}");

        run.Output.ShouldBeEmpty();
        run.Error.Id().ShouldBe("Runware.invalidApiKey");
        run.Error.ErrorDetails.RecommendedAction.ShouldNotBeNullOrEmpty();
    }
}
