# The package for the PowerShell Gallery: built twice from the sources, in two folders, and used as somebody would who has nothing else.

BeforeDiscovery {
    $root = [IO.Path]::GetFullPath([IO.Path]::Combine($PSScriptRoot, '..', '..'))
    $script:reason = if (-not (Test-Path -LiteralPath (Join-Path $root build.ps1))) { 'this is no checkout' }
    elseif (-not (Get-Command dotnet -CommandType Application -ErrorAction Ignore)) { 'dotnet is not on this machine' }
}

BeforeAll {
    $script:root = [IO.Path]::GetFullPath([IO.Path]::Combine($PSScriptRoot, '..', '..'))
    Import-Module ([IO.Path]::Combine($PSScriptRoot, '..', '..', 'build', 'Engine', 'Engine.psm1'))

    # The sources as they are now, in a folder of their own, and the package that they give there.
    function New-PackageFrom([string] $Folder) {
        foreach ($file in 'build.ps1', 'RunwarePS.psd1', 'LICENSE', 'THIRD-PARTY-NOTICES.txt', '.editorconfig') {
            $null = New-Item -ItemType Directory -Path $Folder -Force
            Copy-Item -LiteralPath (Join-Path $root $file) -Destination $Folder
        }
        foreach ($part in 'build', 'module', 'src') {
            foreach ($file in Get-ChildItem -LiteralPath (Join-Path $root $part) -Recurse -File) {
                $name = [IO.Path]::GetRelativePath($root, $file.FullName)
                if ($name -notmatch '[\\/](bin|obj)[\\/]') {
                    $target = Join-Path $Folder $name
                    $null = [IO.Directory]::CreateDirectory([IO.Path]::GetDirectoryName($target))
                    Copy-Item -LiteralPath $file.FullName -Destination $target
                }
            }
        }
        $env:RunAnalyzers = 'false' # the sources were analyzed when they were built; the assemblies are the same without
        try {
            $said = Invoke-Engine -File (Join-Path $Folder build.ps1) -Task Package 2>&1
        }
        finally {
            $env:RunAnalyzers = $null
        }
        $LASTEXITCODE | Should -Be 0 -Because ($said -join "`n")
        Get-Item -Path ([IO.Path]::Combine($Folder, 'out', '*.nupkg'))
    }

    # What a script writes in a fresh process that knows of no module but the one in the package.
    function Invoke-Fresh([string] $Script) {
        $text = @"
`$ErrorActionPreference = 'Stop'
Set-StrictMode -Version Latest
Import-Module Microsoft.PowerShell.Management, Microsoft.PowerShell.Utility
`$env:PSModulePath = '$modules'
$Script
"@
        $encoded = [Convert]::ToBase64String([Text.Encoding]::Unicode.GetBytes($text))
        $output = Invoke-Engine -OutputFormat Text -EncodedCommand $encoded 2>&1 | ForEach-Object { "$_" }
        $LASTEXITCODE | Should -Be 0 -Because ($output -join "`n")
        $output
    }
}

Describe 'The package' -Skip:([bool] $script:reason) {
    BeforeAll {
        $script:first = New-PackageFrom (Join-Path $TestDrive one)
        $script:second = New-PackageFrom (Join-Path $TestDrive 'another, and a longer name')
        $script:manifest = Import-PowerShellDataFile (Join-Path $root RunwarePS.psd1)

        # As an installer does: what is not the package's own bookkeeping goes under <name>/<version>.
        $script:modules = Join-Path $TestDrive modules
        $script:installed = [IO.Path]::Combine($modules, 'RunwarePS', $manifest.ModuleVersion)
        [IO.Compression.ZipFile]::ExtractToDirectory($first.FullName, $installed)
        $script:nuspec = ([xml] (Get-Content -LiteralPath (Join-Path $installed RunwarePS.nuspec) -Raw)).package.metadata
        '_rels', 'package', 'RunwarePS.nuspec', '[Content_Types].xml' | ForEach-Object { Remove-Item -LiteralPath (Join-Path $installed $_) -Recurse -Force }
        $script:files = @(Get-ChildItem -LiteralPath $installed -Recurse -File | ForEach-Object { [IO.Path]::GetRelativePath($installed, $_.FullName).Replace('\', '/') })
    }

    It 'has the same bytes, whatever folder it was built in' {
        $first.Name | Should -Be "RunwarePS.$($manifest.ModuleVersion).nupkg"
        (Get-FileHash -LiteralPath $second.FullName).Hash | Should -Be (Get-FileHash -LiteralPath $first.FullName).Hash
    }

    It 'says of itself what the manifest says' {
        $nuspec.id | Should -Be 'RunwarePS'
        $nuspec.version | Should -Be $manifest.ModuleVersion
        $nuspec.authors | Should -Be $manifest.Author
        $nuspec.description | Should -Be $manifest.Description
        $nuspec.licenseUrl | Should -Be $manifest.PrivateData.PSData.LicenseUri
        $nuspec.projectUrl | Should -Be $manifest.PrivateData.PSData.ProjectUri
        $nuspec.releaseNotes | Should -Be $manifest.PrivateData.PSData.ReleaseNotes
        $tags = -split $nuspec.tags
        $tags | Should -Contain 'PSModule'
        $tags | Should -Contain 'PSEdition_Core'
        $manifest.CmdletsToExport | ForEach-Object { $tags | Should -Contain "PSCmdlet_$_" }
    }

    It 'has the version of the manifest in every assembly' {
        foreach ($file in Get-ChildItem -Path $installed -Filter RunwarePS*.dll -Recurse) {
            $file.VersionInfo.ProductVersion | Should -Match "^$([regex]::Escape($manifest.ModuleVersion))(\+[0-9a-f]+)?$"
        }
    }

    It 'holds what belongs to the module and nothing else' {
        $belongs = '^(LICENSE|THIRD-PARTY-NOTICES\.txt|RunwarePS\.psd1|RunwarePS\.(Format|Types)\.ps1xml|RunwarePS(\.Core|\.Sandbox)?\.dll|en-US/(about_\w+\.help\.txt|RunwarePS\.dll-Help\.xml)|lib/[\w.]+\.dll|lib/runtimes/(linux|win)-x64/lib/RunwarePS\.(Core|Http|Journal\.Sqlite)\.dll|lib/runtimes/[\w-]+/native/(lib)?e_sqlite3\.(dll|so|dylib))$'
        $files | Where-Object { $_ -cnotmatch $belongs } | Should -BeNullOrEmpty
        'LICENSE', 'THIRD-PARTY-NOTICES.txt', 'RunwarePS.dll', 'en-US/RunwarePS.dll-Help.xml', 'en-US/about_RunwarePS_Errors.help.txt', 'lib/RunwarePS.Journal.Sqlite.dll' |
            ForEach-Object { $files | Should -Contain $_ }
    }

    It 'names no folder of the machine that built it' {
        # In the text of either encoding; a debug build has the path in every assembly.
        $paths = $TestDrive.ToString(), $root.TrimEnd([IO.Path]::DirectorySeparatorChar), [Environment]::GetFolderPath('UserProfile')
        foreach ($file in $files) {
            $bytes = [IO.File]::ReadAllBytes((Join-Path $installed $file))
            $texts = [Text.Encoding]::Latin1.GetString($bytes), [Text.Encoding]::Unicode.GetString($bytes)
            if ($file -match '(^|/)RunwarePS[.\w]*\.dll$') {
                $texts[0].Contains('/_/src/RunwarePS') | Should -BeTrue -Because "$file should name the place of its symbols, and this alone"
            }
            foreach ($path in $paths) {
                $texts | Where-Object { $_.Contains($path, [StringComparison]::OrdinalIgnoreCase) } | Should -BeNullOrEmpty -Because "$file should not name $path"
            }
        }
    }

    It 'weighs less than 10 MB' {
        # Measured: 9.87 MB. Seven builds of SQLite are the most of it.
        $first.Length | Should -BeLessThan 10e6
    }

    It 'has native code for <_>' -ForEach 'linux-x64', 'win-x64' {
        foreach ($name in 'RunwarePS.Core', 'RunwarePS.Http', 'RunwarePS.Journal.Sqlite') {
            $image = [Reflection.PortableExecutable.PEReader]::new([IO.File]::OpenRead([IO.Path]::Combine($installed, 'lib', 'runtimes', $_, 'lib', "$name.dll")))
            $image.PEHeaders.CorHeader.ManagedNativeHeaderDirectory.Size | Should -BeGreaterThan 0
            $image.Dispose()
        }
    }

    It 'uses the native code where it has some' {
        $output = Invoke-Fresh @'
Import-Module RunwarePS
Connect-Runware -Sandbox
$null = New-RunwareImage 'a parcel'
[AppDomain]::CurrentDomain.GetAssemblies() | Where-Object FullName -Match '^RunwarePS\.(Core|Http|Journal\.Sqlite),' | Sort-Object FullName | ForEach-Object Location
'@
        $system = [Runtime.InteropServices.RuntimeInformation]::RuntimeIdentifier -match 'musl' ? 'linux-musl' : $IsWindows ? 'win' : $IsMacOS ? 'osx' : 'linux'
        $processor = [Runtime.InteropServices.RuntimeInformation]::ProcessArchitecture.ToString().ToLowerInvariant()
        $native = [IO.Path]::Combine($installed, 'lib', 'runtimes', "$system-$processor", 'lib')
        $lib = Join-Path $installed lib
        $expected = if (Test-Path -LiteralPath $native) { $native, $native, $native } else { $installed, $lib, $lib }
        $output | Split-Path | Should -Be $expected
    }

    It 'makes and saves a picture where nothing else is installed' {
        $output = Invoke-Fresh @"
Import-Module RunwarePS
(Get-Module RunwarePS).Path
Connect-Runware -Sandbox
`$file = New-RunwareImage 'a parcel' | Save-RunwareImage -Path '$(Join-Path $TestDrive pictures)'
`$file.Length -gt 0
(Get-RunwareImageInfo `$file.FullName).Prompt
@(Get-RunwareSpend).Count
Disconnect-Runware
"@
        $output | Should -Be (Join-Path $installed RunwarePS.dll), 'True', 'a parcel', '1'
    }

    It 'brings the whole help' {
        $missing = Invoke-Fresh @'
Import-Module RunwarePS
foreach ($command in Get-Command -Module RunwarePS) {
    $help = Get-Help $command.Name -Full
    if ($help.Synopsis.Trim() -like "$($command.Name)*") { "$($command.Name) has no synopsis" }
    if (@($help.examples.example).Count -lt 2) { "$($command.Name) has less than two examples" }
    $explained = @(Get-Help $command.Name -Parameter * -ErrorAction Ignore | Where-Object { $_.PSObject.Properties['description'] -and $_.description } | ForEach-Object name)
    $shown = $command.Parameters.Values | Where-Object { $_.Attributes.Where({ $_ -is [Management.Automation.ParameterAttribute] }).DontShow -notcontains $true } | ForEach-Object Name
    $shown | Where-Object { $_ -notin $explained -and $_ -notin [Management.Automation.Cmdlet]::CommonParameters -and $_ -notin [Management.Automation.Cmdlet]::OptionalCommonParameters } |
        ForEach-Object { "$($command.Name) does not explain -$_" }
}
'about_RunwarePS', 'about_RunwarePS_Errors', 'about_RunwarePS_Media', 'about_RunwarePS_Models' | Where-Object { "$(Get-Help $_)" -notmatch $_ } | ForEach-Object { "$_ is missing" }
'asked'
'@
        $missing | Should -Be 'asked'
    }

    It 'has a manifest that is in order' {
        Test-ModuleManifest -Path (Join-Path $installed RunwarePS.psd1) -WarningVariable warnings -ErrorVariable errors | ForEach-Object Name | Should -Be 'RunwarePS'
        $warnings | Should -BeNullOrEmpty
        $errors | Should -BeNullOrEmpty
    }

    It 'has the label of a prerelease where the manifest has one, and so have the assemblies' {
        $folder = Join-Path $TestDrive one
        $version = "$($manifest.ModuleVersion)-beta2"
        $text = (Get-Content -LiteralPath (Join-Path $folder RunwarePS.psd1) -Raw) -replace '(?m)^ *ProjectUri', "Prerelease = 'beta2'`n$&"
        $stage = [IO.Path]::Combine($folder, 'out', 'RunwarePS')
        $folder, $stage | ForEach-Object { Set-Content -LiteralPath (Join-Path $_ RunwarePS.psd1) -Value $text }

        dotnet msbuild ([IO.Path]::Combine($folder, 'src', 'RunwarePS')) -getProperty:Version | Should -Be $version
        (& ([IO.Path]::Combine($folder, 'build', 'New-Package.ps1')) -Module $stage -Destination $TestDrive).Name | Should -Be "RunwarePS.$version.nupkg"
    }
}

Describe 'Publish' -Skip:([bool] $script:reason) {
    BeforeAll {
        # A gallery's client that writes down how it was called.
        $script:fake = New-Item -ItemType Directory -Path ([IO.Path]::Combine($TestDrive, 'client', 'Microsoft.PowerShell.PSResourceGet', '1.1.0'))
        $script:calls = Join-Path $TestDrive calls.json
        @"
function Publish-PSResource {
    [CmdletBinding()]
    param([string] `$NupkgPath, [string] `$Repository, [string] `$ApiKey)
    `$PSBoundParameters | ConvertTo-Json | Set-Content -LiteralPath '$calls'
}
"@ | Set-Content -LiteralPath (Join-Path $fake Microsoft.PowerShell.PSResourceGet.psm1)
        New-ModuleManifest -Path (Join-Path $fake Microsoft.PowerShell.PSResourceGet.psd1) -ModuleVersion 1.1.0 -RootModule Microsoft.PowerShell.PSResourceGet.psm1 -FunctionsToExport Publish-PSResource

        $script:shop = New-Item -ItemType Directory -Path (Join-Path $TestDrive shop)
        Copy-Item -LiteralPath (Join-Path $root build.ps1) -Destination $shop
        $null = New-Item -ItemType Directory -Path (Join-Path $shop out)
        $null = New-Item -ItemType File -Path ([IO.Path]::Combine($shop, 'out', 'RunwarePS.9.9.9.nupkg'))

        function Publish-Fake([string] $Arguments) {
            $script = "`$env:PSModulePath = '$(Split-Path (Split-Path $fake))' + [IO.Path]::PathSeparator + `$env:PSModulePath`n& '$(Join-Path $shop build.ps1)' -Task Publish $Arguments *>&1"
            $encoded = [Convert]::ToBase64String([Text.Encoding]::Unicode.GetBytes($script))
            (Invoke-Engine -OutputFormat Text -EncodedCommand $encoded 2>&1 | ForEach-Object { "$_" }) -join ' ' -replace '\s+', ' '
        }
    }

    BeforeEach {
        $env:PSGALLERY_API_KEY = $null
        Remove-Item -LiteralPath $calls -ErrorAction Ignore
    }

    AfterAll {
        $env:PSGALLERY_API_KEY = $null
    }

    It 'says what it needs where there is no key' {
        $said = Publish-Fake
        $said | Should -BeLike '*PSGALLERY_API_KEY*'
        $calls | Should -Not -Exist
    }

    It 'sends nothing with -WhatIf, and says what it would' {
        $env:PSGALLERY_API_KEY = 'gallery-5ecre7'
        Publish-Fake '-WhatIf' | Should -BeLike '*What if*RunwarePS.9.9.9.nupkg*'
        $calls | Should -Not -Exist
    }

    It 'hands the key of <From> to the gallery and to nobody else' -ForEach @(
        @{ From = 'the environment'; Arguments = '-Verbose -Debug' }
        @{ From = 'the parameter'; Arguments = '-Verbose -Debug -ApiKey (ConvertTo-SecureString gallery-5ecre7 -AsPlainText -Force)' }
    ) {
        $env:PSGALLERY_API_KEY = $From -eq 'the environment' ? 'gallery-5ecre7' : $null
        $said = Publish-Fake $Arguments
        $call = Get-Content -LiteralPath $calls -Raw | ConvertFrom-Json
        $call.ApiKey | Should -Be 'gallery-5ecre7'
        $call.Repository | Should -Be 'PSGallery'
        $call.NupkgPath | Should -BeLike '*RunwarePS.9.9.9.nupkg'
        $said | Should -Not -Match '5ecre7'
    }
}
