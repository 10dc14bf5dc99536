namespace RunwarePS.Primitives;

/// <summary>Media inside a request. Its size is known without writing it out.</summary>
internal interface IMediaValue
{
    /// <summary>How many bytes it takes in a request.</summary>
    long SizeOnWire { get; }

    /// <summary>The URL, ID or data URI; null where it is bytes.</summary>
    string? Text { get; }

    /// <summary>The bytes; null where it is a URL, an ID or a data URI.</summary>
    ReadOnlyMemory<byte>? Bytes { get; }
}
