namespace RunwarePS.Sandbox.Protocol;

/// <summary>The task types that a sandbox knows.</summary>
internal static class TaskTypes
{
    public const string AccountManagement = "accountManagement";
    public const string Authentication = "authentication";
    public const string GetResponse = "getResponse";
    public const string GetTaskDetails = "getTaskDetails";
    public const string ImageInference = "imageInference";
    public const string Ping = "ping";

    public static string[] All { get; } = [ImageInference, GetResponse, GetTaskDetails, AccountManagement, Ping, Authentication];
}
