# A PostgreSQL cluster on loopback that ends with the campaign.
using namespace System.Security.Cryptography
using namespace System.Security.Cryptography.X509Certificates

[Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '', Scope = 'Function', Target = '*')]
param()

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

function Invoke-AsServer([string] $Command) {
    # initdb and postgres refuse to run as root
    $argument = if ((id -u) -eq '0') { @('setpriv', '--reuid=postgres', '--regid=postgres', '--clear-groups', 'sh', '-c', $Command) } else { @('sh', '-c', $Command) }
    & $argument[0] $argument[1..($argument.Count - 1)] | Out-Null
    if ($LASTEXITCODE -ne 0) { throw "The command ended with $LASTEXITCODE`: $Command" }
}

# The folder with initdb and postgres of the newest version that is installed; nothing if there is none.
function Find-PostgresTool {
    Get-Item /usr/lib/postgresql/*/bin/initdb -ErrorAction Ignore | Sort-Object { [int] $_.Directory.Parent.Name } | Select-Object -Last 1 |
        ForEach-Object { $_.Directory.FullName }
}

# The role named secured logs on with a password, all others without.
function New-Cluster([string] $Path, [int] $Port, [string] $Option) {
    $bin = Find-PostgresTool
    if (-not $bin) { throw 'Cannot find PostgreSQL in /usr/lib/postgresql. Install it: apt-get install postgresql' }
    New-Item -ItemType Directory -Path $Path | Out-Null
    if ((id -u) -eq '0') { chown postgres $Path }
    $cluster = [pscustomobject]@{ Bin = $bin; Data = "$Path/data"; Socket = $Path; Port = $Port; Log = "$Path/log"; Option = $Option }
    Invoke-AsServer "$bin/initdb -D $Path/data -U owner -A trust -N --no-locale -E UTF8"
    Invoke-AsServer "echo 'host all secured 127.0.0.1/32 scram-sha-256' | cat - $Path/data/pg_hba.conf >$Path/hba && mv $Path/hba $Path/data/pg_hba.conf"
    Start-Cluster $cluster
    $cluster
}

function Start-Cluster($Cluster) {
    $options = "-p $($Cluster.Port) -k $($Cluster.Socket) -c listen_addresses=127.0.0.1 -c max_connections=200 $($Cluster.Option)"
    Invoke-AsServer "$($Cluster.Bin)/pg_ctl -D $($Cluster.Data) -l $($Cluster.Log) -o '$options' -w -t 60 start"
}

# A read-only replica of a cluster, which follows it.
function New-Standby($Cluster) {
    $standby = $Cluster.PSObject.Copy()
    $standby.Data, $standby.Log, $standby.Port = "$($Cluster.Socket)/standby", "$($Cluster.Socket)/standby-log", (Get-ServerPort)
    Invoke-AsServer "$($Cluster.Bin)/pg_basebackup -h 127.0.0.1 -p $($Cluster.Port) -U owner -D $($standby.Data) -R -X stream -c fast"
    Start-Cluster $standby
    $standby
}

# A certificate for a host name, and that of the authority which issued it: name.crt, name.key and name-root.crt.
function New-ServerCertificate([string] $Path, [string] $HostName) {
    $from, $until = [datetimeoffset]::UtcNow.AddDays(-1), [datetimeoffset]::UtcNow.AddDays(1)
    $rootKey, $key = [RSA]::Create(2048), [RSA]::Create(2048)
    $root = [CertificateRequest]::new("CN=Authority of $HostName", $rootKey, [HashAlgorithmName]::SHA256, [RSASignaturePadding]::Pkcs1)
    $root.CertificateExtensions.Add([X509BasicConstraintsExtension]::new($true, $false, 0, $true))
    $authority = $root.CreateSelfSigned($from, $until)
    $request = [CertificateRequest]::new("CN=$HostName", $key, [HashAlgorithmName]::SHA256, [RSASignaturePadding]::Pkcs1)
    $names = [SubjectAlternativeNameBuilder]::new()
    $names.AddDnsName($HostName)
    $request.CertificateExtensions.Add($names.Build($false))
    Set-Content "$Path/$HostName-root.crt" $authority.ExportCertificatePem()
    Set-Content "$Path/$HostName.crt" $request.Create($authority, $from, $until, [byte[]] (1..8)).ExportCertificatePem()
    Set-Content "$Path/$HostName.key" $key.ExportPkcs8PrivateKeyPem()
    chmod 600 "$Path/$HostName.key"
    if ((id -u) -eq '0') { chown -R postgres $Path }
}

# Restarts without a checkpoint, as after a crash.
function Restart-Cluster($Cluster) {
    Invoke-AsServer "$($Cluster.Bin)/pg_ctl -D $($Cluster.Data) -m immediate -w stop"
    Start-Cluster $Cluster
}

function Stop-Cluster($Cluster) {
    Invoke-AsServer "$($Cluster.Bin)/pg_ctl -D $($Cluster.Data) -m immediate -w stop"
}

function Invoke-Sql($Cluster, [string] $Sql) {
    & "$($Cluster.Bin)/psql" -h 127.0.0.1 -p $Cluster.Port -U owner -d postgres -At -c $Sql
}

# A port below those that the system gives to clients: a client that reconnects to a stopped server could connect to itself.
function Get-ServerPort {
    while ($true) {
        $port = Get-Random -Minimum 20000 -Maximum 32000
        $listener = [System.Net.Sockets.TcpListener]::new([System.Net.IPAddress]::Loopback, $port)
        try { $listener.Start(); return $port } catch [System.Net.Sockets.SocketException] { continue } finally { $listener.Stop() }
    }
}

Export-ModuleMember -Function Find-PostgresTool, Invoke-AsServer, New-Cluster, New-Standby, New-ServerCertificate, Restart-Cluster, Stop-Cluster, Invoke-Sql, Get-ServerPort
