using System.Management.Automation;

namespace RunwarePS.Connections;

/// <summary>Credentials for the database of a journal.</summary>
internal static class JournalCredentials
{
    public static JournalCredential? Of(PSCredential? credential) =>
        credential is null ? null : new JournalCredential(credential.UserName, credential.GetNetworkCredential().Password);
}
