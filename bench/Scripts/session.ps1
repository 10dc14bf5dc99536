# A contender inside PowerShell: takes jobs from the bench until it hangs up.
[CmdletBinding()]
param(
    [int] $Port,
    [string] $Jobs,
    [string] $Module
)

$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
if ($Module) {
    Import-Module $Module
}

$table = . $Jobs
$client = [Net.Sockets.TcpClient]::new('127.0.0.1', $Port)
$reader = [IO.StreamReader]::new($client.GetStream())
$writer = [IO.StreamWriter]::new($client.GetStream())
$writer.AutoFlush = $true
while ($null -ne ($line = $reader.ReadLine())) {
    $answer = try {
        $job = ConvertFrom-Json $line
        [GC]::Collect()
        $before = [Environment]::WorkingSet
        $result = & $table[$job.name] $job
        $result.endedAt = ([datetime]::UtcNow - [datetime]::UnixEpoch).TotalMilliseconds
        $result.workingSet = $before
        $result.peak = [Diagnostics.Process]::GetCurrentProcess().PeakWorkingSet64
        $result
    }
    catch {
        @{ error = "$_" }
    }

    $writer.WriteLine((ConvertTo-Json $answer -Compress))
}
