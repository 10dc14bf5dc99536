namespace RunwarePS;

/// <summary>
/// One file that the API made or stores and that isn't known to be an image, a video or audio: a 3D model, a ZIP file, weights.
/// </summary>
public sealed class RunwareFile : RunwareMedia;
