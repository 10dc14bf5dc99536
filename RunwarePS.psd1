@{
    RootModule           = 'RunwarePS.dll'
    ModuleVersion        = '0.1.0'
    GUID                 = '4b0c5b1e-6f0e-4c7e-9d0f-8b1f6f7a2f31'
    Author               = 'RunwarePS contributors'
    CompanyName          = 'RunwarePS contributors'
    Copyright            = '(c) RunwarePS contributors. MIT license.'
    Description          = 'PowerShell cmdlets for the Runware.ai API: images, videos, audio and text of every model, with results that are bought once and never lost.'
    PowerShellVersion    = '7.4'
    CompatiblePSEditions = @('Core')
    FormatsToProcess     = @('RunwarePS.Format.ps1xml')
    CmdletsToExport      = @(
        'Connect-Runware'
        'ConvertFrom-RunwareWebhook'
        'Convert-RunwareMedia'
        'Disconnect-Runware'
        'Export-RunwareGallery'
        'Find-RunwareModel'
        'Get-RunwareConnection'
        'Get-RunwareImageInfo'
        'Get-RunwareModel'
        'Get-RunwareSpend'
        'Get-RunwareTask'
        'Get-RunwareUsage'
        'Import-RunwareJournal'
        'Initialize-RunwareJournal'
        'Invoke-RunwareTask'
        'New-RunwareAudio'
        'New-RunwareImage'
        'New-RunwareText'
        'New-RunwareVideo'
        'Receive-RunwareTask'
        'Remove-RunwareMedia'
        'Remove-RunwareTask'
        'Resume-RunwareTask'
        'Save-RunwareImage'
        'Save-RunwareMedia'
        'Send-RunwareMedia'
        'Show-RunwareImage'
        'Start-RunwareSandbox'
        'Start-RunwareWebhook'
        'Stop-RunwareSandbox'
        'Stop-RunwareWebhook'
        'Test-RunwareConnection'
        'Update-RunwareModel'
        'Wait-RunwareTask'
    )
    FunctionsToExport    = @()
    AliasesToExport      = @()
    VariablesToExport    = @()
    PrivateData          = @{
        PSData = @{
            Tags         = @('Runware', 'AI', 'ImageGeneration', 'GPTImage', 'PSEdition_Core', 'Windows', 'Linux', 'MacOS')
            LicenseUri   = 'https://opensource.org/license/mit'
            ProjectUri   = 'https://github.com/runwareps/RunwarePS'
            ReleaseNotes = 'https://github.com/runwareps/RunwarePS/blob/main/CHANGELOG.md'
        }
    }
}
