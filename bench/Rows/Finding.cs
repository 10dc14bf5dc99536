namespace RunwarePS.Bench.Rows;

/// <summary>What a ratio must be.</summary>
internal sealed record Bar(string Sign, double Limit)
{
    public static Bar AtMost(double limit) => new("≤", limit);

    public static Bar AtLeast(double limit) => new("≥", limit);

    public static Bar Below(double limit) => new("<", limit);

    public bool Holds(double ratio) => Sign switch
    {
        "≤" => ratio <= Limit,
        "≥" => ratio >= Limit,
        _ => ratio < Limit,
    };

    /// <summary>How far a ratio is on the wrong side, as a share of the bar.</summary>
    public double Miss(double ratio) => Math.Abs(ratio - Limit) / Limit;

    public override string ToString() => FormattableString.Invariant($"{Sign} {Limit:0.##}");
}

/// <summary>One line of the table.</summary>
/// <param name="Row">The row, with what sets this line apart where it has several.</param>
/// <param name="Unit">Of both numbers.</param>
/// <param name="Ours">The median; null where it could not be measured.</param>
/// <param name="Against">Whose number the reference is.</param>
/// <param name="Reference">Their median, or the number that the bar names.</param>
/// <param name="Bar">Null for a line that is only told.</param>
/// <param name="Trouble">Why a number is missing.</param>
internal sealed record Finding(string Row, string Unit, double? Ours, string Against, double? Reference, Bar? Bar, string? Trouble = null)
{
    /// <summary>The larger spread of both sides' repetitions: a verdict nearer to its bar than this says little.</summary>
    public double? Spread { get; init; }

    public double? Ratio => Ours / Reference;

    public bool? Holds => Bar is not null && Ratio is { } ratio ? Bar.Holds(ratio) : null;
}
