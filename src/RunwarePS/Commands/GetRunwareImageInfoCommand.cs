using System.Management.Automation;

namespace RunwarePS.Commands;

/// <summary>Reads the metadata of saved images. Its output pipes into <c>New-RunwareImage</c>, to generate the image again.</summary>
[Cmdlet(VerbsCommon.Get, "RunwareImageInfo", DefaultParameterSetName = PathSet, HelpUri = HelpLinks.Base + "Get-RunwareImageInfo.md")]
[OutputType(typeof(RunwareImageInfo))]
public sealed class GetRunwareImageInfoCommand : PSCmdlet
{
    private const string PathSet = "Path";
    private const string LiteralSet = "LiteralPath";

    /// <summary>The files; wildcards are taken.</summary>
    [Parameter(Position = 0, Mandatory = true, ValueFromPipeline = true, ParameterSetName = PathSet)]
    [SupportsWildcards]
    public string[] Path { get; set; } = [];

    /// <summary>The files, by their very names.</summary>
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true, ParameterSetName = LiteralSet)]
    [Alias("PSPath", "FullName")]
    [TextsTransformation]
    public string[] LiteralPath { get; set; } = [];

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var text in ParameterSetName == PathSet ? Path : LiteralPath)
        {
            var files = this.FindFiles(text, literal: ParameterSetName == LiteralSet);
            if (files.Count == 0)
            {
                Fail(ErrorCodes.ImageNotFound, text, Strings.FileNotFound.With(text));
            }

            foreach (var file in files)
            {
                if (MetadataReader.Read(file) is { } found)
                {
                    WriteObject(RunwareImageInfo.Of(file, found));
                }
                else
                {
                    Fail(ErrorCodes.ImageInfoNotFound, file, Strings.ImageInfoNotFound.With(file));
                }
            }
        }
    }

    private void Fail(string code, string target, string message) =>
        WriteError(ErrorRecords.From(new RunwareException(code, RunwareErrorCategory.NotFound, message)
        { Parameter = ParameterSetName }, target));
}
