<#
.SYNOPSIS
    Packs a staged module as the PowerShell Gallery takes it. The same module gives the same bytes on the same engine.
.DESCRIPTION
    The manifest is the source of everything that the package says of itself. dotnet packs; the only thing that it takes from the clock, the
    times of the entries, is replaced by one fixed time.
.PARAMETER Module
    The folder of the staged module.
.PARAMETER Destination
    The folder that gets the package. One of the same name is replaced.
#>
[CmdletBinding()]
[OutputType([IO.FileInfo])]
param(
    [Parameter(Mandatory)]
    [string] $Module,

    [Parameter(Mandatory)]
    [string] $Destination
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

$Module = Convert-Path -LiteralPath $Module
$Destination = Convert-Path -LiteralPath $Destination
$name = [IO.Path]::GetFileName($Module)
$manifest = Import-PowerShellDataFile (Join-Path $Module "$name.psd1")
$data = $manifest.PrivateData.PSData
$version = $manifest.ModuleVersion + ($data.ContainsKey('Prerelease') ? "-$($data.Prerelease)" : '')

# The tags by which the gallery finds modules and their cmdlets.
$tags = @($data.Tags) + 'PSModule' + 'PSIncludes_Cmdlet' + @($manifest.CmdletsToExport | ForEach-Object { "PSCmdlet_$_"; "PSCommand_$_" })

[string[]] $files = Get-ChildItem -LiteralPath $Module -Recurse -File | ForEach-Object { [IO.Path]::GetRelativePath($Module, $_.FullName).Replace('\', '/') }
[array]::Sort($files, [StringComparer]::Ordinal)

$work = New-Item -ItemType Directory -Path (Join-Path ([IO.Path]::GetTempPath()) ([guid]::NewGuid()))
try {
    $nuspec = Join-Path $work "$name.nuspec"
    $writer = [Xml.XmlWriter]::Create($nuspec)
    $writer.WriteStartElement('package', 'http://schemas.microsoft.com/packaging/2013/05/nuspec.xsd')
    $writer.WriteStartElement('metadata')
    $facts = [ordered]@{
        id           = $name
        version      = $version
        authors      = $manifest.Author
        owners       = $manifest.CompanyName
        licenseUrl   = $data.LicenseUri
        projectUrl   = $data.ProjectUri
        description  = $manifest.Description
        releaseNotes = $data.ReleaseNotes
        copyright    = $manifest.Copyright
        tags         = $tags -join ' '
    }
    $facts.GetEnumerator() | ForEach-Object { $writer.WriteElementString($_.Key, $_.Value) }
    $writer.WriteEndElement()
    $writer.WriteStartElement('files')
    foreach ($file in $files) {
        $writer.WriteStartElement('file')
        $writer.WriteAttributeString('src', (Join-Path $Module $file))
        $writer.WriteAttributeString('target', $file)
        $writer.WriteEndElement()
    }
    $writer.WriteEndElement()
    $writer.WriteEndElement()
    $writer.Dispose()

    # It warns that this is no package for .NET projects, so it is heard only when it fails.
    $PSNativeCommandUseErrorActionPreference = $false
    $said = & dotnet pack $nuspec --output $work 2>&1
    if ($LASTEXITCODE -ne 0) {
        throw "dotnet pack failed:`n$($said -join "`n")"
    }

    # The same entries, all of one time and as small as they get.
    $package = Join-Path $work package
    $packed = [IO.Compression.ZipFile]::OpenRead((Get-Item -Path (Join-Path $work *.nupkg)).FullName)
    $archive = [IO.Compression.ZipFile]::Open($package, 'Create')
    try {
        foreach ($entry in $packed.Entries) {
            $copy = $archive.CreateEntry($entry.FullName, 'SmallestSize')
            $copy.LastWriteTime = [DateTimeOffset]::new(1980, 1, 1, 0, 0, 0, [timespan]::Zero)
            $source, $target = $entry.Open(), $copy.Open()
            $source.CopyTo($target)
            $target.Dispose()
            $source.Dispose()
        }
    }
    finally {
        $archive.Dispose()
        $packed.Dispose()
    }

    Move-Item -LiteralPath $package -Destination (Join-Path $Destination "$name.$version.nupkg") -Force -PassThru
}
finally {
    Remove-Item -LiteralPath $work -Recurse -Force
}
