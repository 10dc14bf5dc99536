namespace RunwarePS.Primitives;

/// <summary>Media inside a request. Its size is known without writing it out.</summary>
internal interface IMediaValue
{
    /// <summary>How many bytes it takes in a request.</summary>
    long SizeOnWire { get; }
}
