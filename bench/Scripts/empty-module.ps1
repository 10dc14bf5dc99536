# A binary module with one cmdlet that does nothing: the least that an import can cost.
[CmdletBinding()]
param([string] $Folder)

$ErrorActionPreference = 'Stop'
$null = New-Item $Folder -ItemType Directory -Force
Add-Type -OutputAssembly (Join-Path $Folder 'Empty.dll') -TypeDefinition @'
using System.Management.Automation;

[Cmdlet(VerbsCommon.Get, "Nothing")]
public sealed class GetNothingCommand : PSCmdlet
{
}
'@
New-ModuleManifest (Join-Path $Folder 'Empty.psd1') -RootModule Empty.dll -CmdletsToExport Get-Nothing -FunctionsToExport @() -AliasesToExport @() -VariablesToExport @()
