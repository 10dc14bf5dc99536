# A PostgreSQL cluster on loopback that ends with the campaign.

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

function New-Cluster([string] $Path, [int] $Port) {
    $bin = Find-PostgresTool
    if (-not $bin) { throw 'Cannot find PostgreSQL in /usr/lib/postgresql. Install it: apt-get install postgresql' }
    New-Item -ItemType Directory -Path $Path | Out-Null
    if ((id -u) -eq '0') { chown postgres $Path }
    $cluster = [pscustomobject]@{ Bin = $bin; Data = "$Path/data"; Socket = $Path; Port = $Port; Log = "$Path/log" }
    Invoke-AsServer "$bin/initdb -D $Path/data -U owner -A trust -N --no-locale -E UTF8"
    Start-Cluster $cluster
    $cluster
}

function Start-Cluster($Cluster) {
    $options = "-p $($Cluster.Port) -k $($Cluster.Socket) -c listen_addresses=127.0.0.1 -c max_connections=200"
    Invoke-AsServer "$($Cluster.Bin)/pg_ctl -D $($Cluster.Data) -l $($Cluster.Log) -o '$options' -w -t 60 start"
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

Export-ModuleMember -Function Find-PostgresTool, New-Cluster, Restart-Cluster, Stop-Cluster, Invoke-Sql, Get-ServerPort
