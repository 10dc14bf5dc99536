using System.Management.Automation;

namespace RunwarePS.Commands;

/// <summary>Saves images to files.</summary>
[Cmdlet(VerbsData.Save, "RunwareImage", SupportsShouldProcess = true, HelpUri = HelpLinks.Base + "Save-RunwareImage.md")]
[OutputType(typeof(FileInfo), typeof(RunwareImage))]
public sealed class SaveRunwareImageCommand : SaveCmdlet
{
    /// <summary>Images, tasks, or objects with an <c>ImageUrl</c>, <c>ImageBase64Data</c>, or <c>ImageDataUri</c>.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true)]
    [ImagesTransformation]
    public RunwareImage[] InputObject { get; set; } = [];

    private protected override IReadOnlyList<RunwareOutput> Outputs => InputObject;

    private protected override string Activity => Strings.ActivitySaveImages;
}
