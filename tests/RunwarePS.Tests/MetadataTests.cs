using System.Management.Automation;
using System.Reflection;

namespace RunwarePS.Tests;

/// <summary>What the attributes of the cmdlets promise.</summary>
public sealed class MetadataTests : EngineTest
{
    private static readonly string[] s_quiet = ["Disconnect-Runware", "Remove-RunwareMedia", "Remove-RunwareTask", "Show-RunwareImage", "Stop-RunwareSandbox", "Stop-RunwareWebhook"];

    private CmdletInfo[] Cmdlets => [.. Session.Run("Get-Command -Module RunwarePS").Output.Select(o => (CmdletInfo)o.BaseObject)];

    [Fact]
    public void Cmdlets_are_sealed_and_link_to_their_help()
    {
        foreach (var cmdlet in Cmdlets)
        {
            cmdlet.ImplementingType.IsSealed.ShouldBeTrue(cmdlet.Name);
            Uri.TryCreate(Attribute(cmdlet).HelpUri, UriKind.Absolute, out var help).ShouldBeTrue(cmdlet.Name);
            help!.AbsoluteUri.ShouldEndWith(cmdlet.Name + ".md");
        }
    }

    [Fact]
    public void Cmdlets_have_approved_verbs_and_singular_nouns()
    {
        var verbs = Session.Run("(Get-Verb).Verb").Texts;

        Cmdlets.ShouldAllBe(c => verbs.Contains(c.Verb, StringComparer.Ordinal) && !c.Noun.EndsWith('s'));
    }

    [Fact]
    public void Cmdlets_say_what_they_write()
    {
        foreach (var cmdlet in Cmdlets)
        {
            cmdlet.OutputType.Any(o => o.Type != typeof(void)).ShouldBe(!s_quiet.Contains(cmdlet.Name, StringComparer.Ordinal), cmdlet.Name);
        }
    }

    [Fact]
    public void What_spends_writes_or_changes_state_supports_WhatIf()
    {
        string[] verbs = ["Convert", "Invoke", "New", "Save", "Send", "Remove", "Resume", "Export", "Connect", "Disconnect", "Start", "Stop", "Update", "Initialize", "Import"];

        foreach (var cmdlet in Cmdlets)
        {
            Attribute(cmdlet).SupportsShouldProcess.ShouldBe(verbs.Contains(cmdlet.Verb, StringComparer.Ordinal), cmdlet.Name);
        }
    }

    [Fact]
    public void Every_parameter_that_binds_by_name_reads_its_value_by_the_rules_of_the_module()
    {
        foreach (var (cmdlet, parameter) in Parameters(a => a.ValueFromPipelineByPropertyName))
        {
            parameter.Attributes.OfType<ArgumentTransformationAttribute>().ShouldNotBeEmpty($"{cmdlet.Name} -{parameter.Name}");
        }
    }

    [Fact]
    public void Whether_a_value_was_given_by_name_can_be_told_by_the_value()
    {
        foreach (var (cmdlet, parameter) in Parameters(a => a is { ValueFromPipelineByPropertyName: true, Mandatory: false }))
        {
            // A switch that was not given is off, and that is all there is to tell.
            var isSwitch = parameter.ParameterType == typeof(SwitchParameter);
            (isSwitch || !parameter.ParameterType.IsValueType || Nullable.GetUnderlyingType(parameter.ParameterType) is not null).ShouldBeTrue($"{cmdlet.Name} -{parameter.Name}");
        }
    }

    [Fact]
    public void One_parameter_takes_the_pipeline_in_each_set()
    {
        foreach (var cmdlet in Cmdlets)
        {
            foreach (var set in cmdlet.ParameterSets)
            {
                set.Parameters.Count(p => p.ValueFromPipeline).ShouldBeLessThanOrEqualTo(1, $"{cmdlet.Name} {set.Name}");
            }
        }
    }

    [Theory]
    [InlineData("New-RunwareImage", "positivePrompt", "width", "height", "model", "numberResults", "outputType", "outputFormat", "outputQuality", "includeCost")]
    [InlineData("Get-RunwareTask", "taskUUID")]
    public void The_names_of_the_api_bind_as_well(string cmdlet, params string[] names)
    {
        var bound = Cmdlets.Single(c => c.Name == cmdlet).Parameters.Values
            .Where(p => p.ParameterSets.Values.Any(s => s.ValueFromPipelineByPropertyName))
            .SelectMany(p => p.Aliases.Append(p.Name));

        names.Except(bound, StringComparer.OrdinalIgnoreCase).ShouldBeEmpty();
    }

    [Fact]
    public void Properties_of_a_picture_are_named_as_the_parameters_they_pipe_into()
    {
        var properties = Session.Run("[RunwarePS.RunwareImage]").Value<Type>().GetProperties().Select(p => p.Name).ToHashSet(StringComparer.Ordinal);

        properties.IsSupersetOf(["Prompt", "Model", "Width", "Height", "OutputFormat", "Tag", "TaskUuid"]).ShouldBeTrue();
        foreach (var (cmdlet, parameter) in Parameters(a => a.ValueFromPipelineByPropertyName))
        {
            // Case apart, the same word: a property Foo beside a parameter foo would bind and look like a slip.
            properties.Where(p => p.Equals(parameter.Name, StringComparison.OrdinalIgnoreCase)).ShouldAllBe(p => p == parameter.Name, $"{cmdlet.Name} -{parameter.Name}");
        }
    }

    [Theory]
    [InlineData("Save-RunwareImage", "Path")]
    [InlineData("Export-RunwareGallery", "Path")]
    [InlineData("New-RunwareImage", "TaskUuid")]
    public void What_must_not_come_from_a_row_does_not_bind_by_name(string cmdlet, string parameter) =>
        Parameters(a => a.ValueFromPipelineByPropertyName).ShouldNotContain(p => p.Cmdlet.Name == cmdlet && p.Parameter.Name == parameter);

    [Theory]
    [InlineData("New-RunwareImage", "Prompt", 0)]
    [InlineData("Save-RunwareImage", "Path", 0)]
    [InlineData("Export-RunwareGallery", "Path", 0)]
    [InlineData("Connect-Runware", "ApiKey", 0)]
    [InlineData("Get-RunwareTask", "TaskUuid", 0)]
    public void Positions_are_those_of_the_surface(string cmdlet, string parameter, int position) =>
        Cmdlets.Single(c => c.Name == cmdlet).Parameters[parameter].Attributes.OfType<ParameterAttribute>().ShouldContain(a => a.Position == position);

    private IEnumerable<(CmdletInfo Cmdlet, ParameterMetadata Parameter)> Parameters(Func<ParameterAttribute, bool> which) =>
        from cmdlet in Cmdlets
        from parameter in cmdlet.Parameters.Values
        where parameter.Attributes.OfType<ParameterAttribute>().Any(which)
        select (cmdlet, parameter);

    private static CmdletAttribute Attribute(CmdletInfo cmdlet) => cmdlet.ImplementingType.GetCustomAttribute<CmdletAttribute>()!;
}
