using System.Management.Automation;

namespace RunwarePS.Commands;

/// <summary>Saves outputs of every kind to files: images, videos, audio, other files, and texts.</summary>
[Cmdlet(VerbsData.Save, "RunwareMedia", SupportsShouldProcess = true, HelpUri = HelpLinks.Base + "Save-RunwareMedia.md")]
[OutputType(
    typeof(FileInfo), typeof(RunwareImage), typeof(RunwareVideo), typeof(RunwareAudio), typeof(RunwareFile), typeof(RunwareText))]
public sealed class SaveRunwareMediaCommand : SaveCmdlet
{
    /// <summary>Outputs, tasks, or objects with a URL or data, such as <c>VideoUrl</c>, <c>AudioBase64Data</c>, or <c>Url</c>.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true)]
    [AllowEmptyCollection]
    [MediaTransformation]
    public RunwareOutput[] InputObject { get; set; } = [];

    private protected override IReadOnlyList<RunwareOutput> Outputs => InputObject;

    private protected override string Activity => Strings.ActivitySaveMedia;
}
