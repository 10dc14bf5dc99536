namespace RunwarePS.Commands;

/// <summary>Where the help pages stand online.</summary>
internal static class HelpLinks
{
    public const string Base = "https://github.com/runwareps/RunwarePS/blob/main/module/help/";
}
