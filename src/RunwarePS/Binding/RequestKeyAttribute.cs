namespace RunwarePS.Binding;

/// <summary>Declares which key of a task a parameter is. Parameters with the same keys are one list.</summary>
/// <param name="paths">The keys that can take it, the usual one first; <c>*</c> stands for the provider of the model.</param>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class RequestKeyAttribute(params string[] paths) : Attribute
{
    public string[] Paths { get; } = paths;

    /// <summary>Whether its values are media of the kind of <see cref="Kind"/>.</summary>
    public bool IsMedia { get; set; }

    /// <summary>The kind of media that it takes.</summary>
    public MediaKind Kind { get; set; }

    /// <summary>The parameter that its value comes from, if it isn't one itself.</summary>
    public string? Parameter { get; set; }

    /// <summary>Whether a switch that is specified as off is sent. Otherwise, off is how the API behaves without the key.</summary>
    public bool SendsFalse { get; set; }

    /// <summary>The position of its media among the frames of a video.</summary>
    public string? Frame { get; set; }

    /// <summary>Whether its value is left out for a model that doesn't take it.</summary>
    public bool IsOptional { get; set; }
}
