namespace RunwarePS.Bench;

/// <summary>What the command line says.</summary>
/// <param name="Quick">Three repetitions, and less of what is slow: to see that everything works, not to publish.</param>
/// <param name="Row">Only rows whose name holds this text.</param>
internal sealed record Options(bool Quick, string? Row)
{
    public const string Usage = "Usage: dotnet run -c Release --project bench [-- [--quick] [--row <text>]]";

    public int Repetitions => Quick ? 3 : 5;

    /// <summary>Whether every row runs at its full size, and the results are written.</summary>
    public bool IsWhole => !Quick && Row is null;

    /// <summary>How many of something slow this run can afford. What is fast keeps its size: a tenth of it ends before it can be measured.</summary>
    public int Slow(int full) => Quick ? full / 10 : full;

    /// <summary>Null where the arguments cannot be read.</summary>
    public static Options? Parse(string[] arguments)
    {
        var options = new Options(Quick: false, Row: null);
        for (var i = 0; i < arguments.Length; i++)
        {
            switch (arguments[i])
            {
                case "--quick":
                    options = options with { Quick = true };
                    break;
                case "--row" when i + 1 < arguments.Length:
                    options = options with { Row = arguments[++i] };
                    break;
                default:
                    return null;
            }
        }

        return options;
    }
}
