namespace RunwarePS;

/// <summary>Makes the HTTP clients. Implemented in an assembly of its own, which is loaded at the first request.</summary>
public interface IHttpPipelineFactory
{
    /// <summary>For the API. Follows no redirect: a redirected POST would be a second one, and would carry the key elsewhere.</summary>
    HttpClient CreateApiClient();

    /// <summary>For results. Sends no credentials of any kind.</summary>
    HttpClient CreateDownloadClient();
}
