namespace RunwarePS.Tests;

/// <summary>Messages name what the user typed: the parameter, the value, and what can be typed instead.</summary>
public sealed class MessageTests : EngineTest
{
    private const string Kling = "klingai:kling-video@2.6-pro";

    public MessageTests() => Session.StartSandbox();

    [Theory]
    [InlineData("Send-RunwareMedia ./nope.png", "Path", "Cannot find Path './nope.png'.")]
    [InlineData("Send-RunwareMedia -Path ./nope*.png", "Path", "Cannot find Path './nope*.png'.")]
    [InlineData("'./nope.png' | Send-RunwareMedia", "InputObject", "Cannot find the input './nope.png'.")]
    [InlineData("Convert-RunwareMedia ./nope.png Upscale -Model a:1@1", "InputObject", "Cannot find the input './nope.png'.")]
    [InlineData("[RunwarePS.RunwareImage]::new() | Convert-RunwareMedia -Operation Upscale -Model a:1@1", "InputObject", "The input: the RunwareImage doesn't contain an ID, data, a URL, or an existing file.")]
    [InlineData("1 | New-RunwareAudio -Model a:1@1", null, "The piped Int32 doesn't contain a property that this cmdlet accepts. Pipe files, results, or objects whose properties are parameters.")]
    [InlineData("Convert-RunwareMedia https://a.example/1.jpg -Model openai:1@1", "Model", "Model 'openai:1@1' runs tasks of type imageInference, which this cmdlet doesn't send. Use New-RunwareImage, or specify a model for one of these operations: Upscale, RemoveBackground, ")]
    [InlineData($"Convert-RunwareMedia https://a.example/1.jpg -Model {Kling}", "Model", "Use New-RunwareVideo, or ")]
    [InlineData("Convert-RunwareMedia https://a.example/1.jpg -Model no:such@1", "Operation", "Operation isn't specified, and model 'no:such@1' isn't in the catalog. Specify one of these operations: Upscale, ")]
    [InlineData("Convert-RunwareMedia https://a.example/1.jpg", "Operation", "Operation and Model aren't specified. Specify one of these operations: Upscale, ")]
    [InlineData("Convert-RunwareMedia https://a.example/1.jpg -Model runware:503@1 -Operation RemoveBackground", "Model", "Model 'runware:503@1' is for the operation Upscale, and Operation is RemoveBackground. Specify -Operation Upscale, or another model. Get-RunwareModel -TaskType removeBackground lists models.")]
    [InlineData("Convert-RunwareMedia https://a.example/1.jpg -Model openai:1@1 -Operation RemoveBackground", "Model", "Use New-RunwareImage, or ")]
    [InlineData("1, 2 | New-RunwareImage", "Prompt", "A value of type Int32 isn't a prompt. Specify text, or an object with text in a property named Prompt or positivePrompt.")]
    [InlineData("New-RunwareImage 5", "Prompt", "A value of type Int32 isn't a prompt.")]
    [InlineData("New-RunwareImage -Prompt 'a', 5.5 -WhatIf", "Prompt", "A value of type Double isn't a prompt.")]
    [InlineData("@{ Prompt = 'a' } | New-RunwareImage", "Prompt", "A value of type Hashtable isn't a prompt.")]
    [InlineData($"New-RunwareVideo 5 -Model {Kling}", "Prompt", "A value of type Int32 isn't a prompt.")]
    [InlineData("New-RunwareAudio 5 -Model a:1@1", "Text", "A value of type Int32 isn't text. Specify text, or an object with text in a property named Text or Prompt.")]
    [InlineData("[pscustomobject]@{ Prompt = '' } | New-RunwareImage", "Prompt", "The prompt is missing or blank.")]
    [InlineData("'' | New-RunwareImage", "Prompt", "The prompt is missing or blank.")]
    public void A_message_names_what_was_specified(string command, string? parameter, string message)
    {
        var error = Session.Try(command).Errors[0];

        error.Get("Parameter").ShouldBe(parameter);
        error.ToString().ShouldContain(message);
    }

    [Theory]
    [InlineData("New-RunwareText hi -Model a:1@1 -JsonSchema '{bad'", "JsonSchema: '{bad' isn't valid JSON (line 1, position 2). Specify a hashtable or the text of a JSON object.")]
    [InlineData("New-RunwareText hi -Model a:1@1 -JsonSchema \"{`n'a': 1}\"", "isn't valid JSON (line 2, position 1).")]
    [InlineData("New-RunwareText hi -Model a:1@1 -JsonSchema '3'", "JsonSchema: '3' isn't a JSON object. Specify a hashtable or the text of a JSON object.")]
    [InlineData("New-RunwareText hi -Model a:1@1 -JsonSchema 3", "JsonSchema: a value of type Int32 isn't a JSON object.")]
    [InlineData("New-RunwareText hi -Model a:1@1 -Tool '{bad'", "Tool: '{bad' isn't valid JSON")]
    public void Text_that_is_not_json_is_called_that(string command, string message)
    {
        var error = Session.Try(command).Error;

        error.Id().ShouldBe("ParameterUnreadable");
        error.ToString().ShouldContain(message);
        error.ToString().ShouldNotContain("The value is");
    }

    [Fact]
    public void The_recommendation_for_a_path_is_about_a_path() =>
        Session.Try("Send-RunwareMedia ./nope.png").Error.ErrorDetails.RecommendedAction
            .ShouldBe("Specify an existing file. A relative path starts at the current location.");
}
