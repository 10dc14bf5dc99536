namespace RunwarePS.Bench.Server;

/// <summary>How the server behaves from now on. Setting it forgets all tasks and counts.</summary>
/// <param name="LatencyMs">How long a synchronous request is held.</param>
/// <param name="ReadyMs">How long after its acceptance an asynchronous task is ready.</param>
/// <param name="PictureBytes">How large a picture is.</param>
/// <param name="VideoBytes">How large a video is.</param>
/// <param name="KnowsAll">The server reports a task that it never accepted as succeeded: the rows of a filled journal.</param>
internal sealed record ServerSettings(int LatencyMs = 0, int ReadyMs = 0, int PictureBytes = 1024, long VideoBytes = 1024, bool KnowsAll = false);

/// <summary>What the server has seen since it was set.</summary>
/// <param name="Requests">HTTP requests to the API, of any task type.</param>
/// <param name="Tasks">Image and video tasks, over HTTP, WebSocket and the OpenAI route.</param>
/// <param name="Downloads">Pictures and videos fetched.</param>
/// <param name="LastSubmit">When the last image or video task came in, in milliseconds since 1970.</param>
internal sealed record ServerCounts(int Requests, int Tasks, int Downloads, double LastSubmit);
