namespace RunwarePS;

/// <summary>What an update found out about a model.</summary>
public sealed class RunwareModelChange
{
    /// <summary>The AIR, which goes to <c>-Model</c>.</summary>
    public string Model { get; set; } = "";

    /// <summary>The name in the API's documentation; <c>-Model</c> takes it too.</summary>
    public string Slug { get; set; } = "";

    /// <summary>
    /// <c>Added</c> for a model that wasn't known, <c>Changed</c> for other parameters, rules, prices or dates, <c>Removed</c> for a model
    /// that Runware no longer lists, <c>Replaced</c> for one that now has a successor, <c>Unchanged</c> otherwise.
    /// </summary>
    public string Change { get; set; } = "";

    /// <summary>The model to use instead; null where Runware names none.</summary>
    public string? ReplacedBy { get; set; }

    /// <summary>When Runware switches the model off, as yyyy-MM-dd; null where no date is known.</summary>
    public string? DeactivatesAt { get; set; }

    /// <summary>The number of parts of the model's document that this version of the module can't check.</summary>
    public int UncheckedRule { get; set; }

    /// <summary>Where the data came from; null where nothing was found.</summary>
    public Uri? Source { get; set; }

    /// <summary>The AIR and the change.</summary>
    public override string ToString() => $"{Model} {Change}";
}
