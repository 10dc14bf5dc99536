using System.Reflection;
using static RunwarePS.RunwareErrorCategory;

namespace RunwarePS.Core.Tests;

public sealed class ErrorCatalogTests
{
    [Theory]
    [InlineData(Authentication, "invalidApiKey", "missingApiKey", "unauthorized", "authenticationFailed", "invalidAuthentication", "invalidCredentials", "missingAuthentication",
        "tokenExpired", "tokenInvalid", "tokenMissing", "tokenRevoked", "forbidden", "permissionDenied", "insufficientPermissions",
        "accountSuspended", "accountDisabled", "organizationSuspended", "organizationDisabled", "workspaceSuspended", "workspaceDisabled")]
    [InlineData(Quota, "insufficientCredits", "quotaExceeded", "paymentRequired", "providerInsufficientCredits", "thirdPartyInsufficientCredits", "insufficientBalance")]
    [InlineData(RateLimit, "rateLimitExceeded", "inferenceRateLimitExceeded", "inferenceRateLimitRequestTooLarge", "providerRateLimitExceeded")]
    [InlineData(Validation, "missingPositivePrompt", "invalidPositivePrompt", "invalidPositivePromptLength", "invalidWidth", "invalidHeight", "invalidCustomHeight", "invalidModel",
        "invalidParameter", "invalidValue", "unknownParameter", "unsupportedParameter", "unsupportedTaskType", "unsupportedDuration", "incompatibleParameters", "valueTooLarge",
        "arrayTooSmall", "maxResultsExceeded", "duplicateTaskUUID", "validationFailed", "mismatchProviderSettingsProvider", "unknownProviderSettingsProvider",
        "transparentModelMismatch", "modelOwnershipValidationError", "modelAlreadyExists", "conflictTaskUUID")]
    [InlineData(Safety, "contentPolicyViolation", "providerContentPolicyViolation", "sensitiveContentDetected", "unsafeContentDetected", "nsfwContentDetected", "promptBlocked", "imageBlocked",
        "moderationFailed")]
    [InlineData(Provider, "providerBadRequest", "providerError", "providerUnavailable", "providerBadGateway", "providerInternalError", "providerUnknownError", "providerAuthenticationFailed",
        "inferenceError", "processingFailed", "taskFailed", "downloadFailed", "uploadFailed", "noAvailableServer", "modelUnavailable", "modelDisabled", "modelNotReady",
        "mediaStorageFileCouldNotBeMoved")]
    [InlineData(RunwareErrorCategory.Timeout, "providerTimeout", "providerGatewayTimeout", "webhookTimeout", "timeout")]
    [InlineData(NotFound, "modelNotFound", "taskNotFound", "mediaNotFound", "providerNotFound", "taskExpired", "mediaExpired", "taskCancelled", "taskFailedOrNotFound")]
    [InlineData(Server, "internalServerError", "serviceUnavailable", "serverUnavailable", "standardError", "unknownError", "undefinedError", "defaultError", "unrecognizedResponse",
        "errorRetrievingAccountManagement")]
    public void A_code_has_the_category_that_the_official_clients_give_it(RunwareErrorCategory category, params string[] codes)
    {
        foreach (var code in codes)
        {
            ErrorCatalog.Categorize(code, message: null, status: 400).ShouldBe(category, code);
        }
    }

    [Theory]
    [InlineData("timeoutProvider", RunwareErrorCategory.Timeout)]
    [InlineData("invalidProviderContent", Safety)]
    [InlineData("invalidBFLContent", Safety)]
    public void Where_we_differ_from_the_official_clients_it_is_on_purpose(string code, RunwareErrorCategory category) =>
        ErrorCatalog.Categorize(code, message: null, status: 400).ShouldBe(category);

    [Theory]
    [InlineData("Your request was rejected by the safety system.")]
    [InlineData("400: SAFETY_VIOLATIONS=[sexual]")]
    [InlineData("error type content_policy_violation")]
    public void A_providers_refusal_is_distinguished_from_its_bad_request_by_its_words(string message)
    {
        var category = ErrorCatalog.Categorize("providerBadRequest", message, status: 400);

        category.ShouldBe(Safety);
        ErrorCatalog.IsTransient(category).ShouldBeFalse("a refusal is never sent again");
    }

    [Fact]
    public void A_providers_bad_request_with_other_words_is_the_providers() =>
        ErrorCatalog.Categorize("providerBadRequest", "Unsupported size.", status: 400).ShouldBe(Provider);

    [Fact]
    public void Words_about_safety_do_not_move_another_code() =>
        ErrorCatalog.Categorize("invalidWidth", "rejected by the safety system", status: 400).ShouldBe(Validation);

    [Theory]
    [InlineData("INVALIDAPIKEY")]
    [InlineData("ratelimitexceeded")]
    public void Codes_are_read_in_their_exact_case(string code) => ErrorCatalog.Categorize(code, message: null, status: null).ShouldBe(Unknown);

    [Theory]
    [InlineData(400, Validation)]
    [InlineData(401, Authentication)]
    [InlineData(402, Quota)]
    [InlineData(403, Authentication)]
    [InlineData(404, NotFound)]
    [InlineData(408, RunwareErrorCategory.Timeout)]
    [InlineData(429, RateLimit)]
    [InlineData(500, Server)]
    [InlineData(503, Server)]
    [InlineData(504, RunwareErrorCategory.Timeout)]
    [InlineData(200, Unknown)]
    [InlineData(302, Unknown)]
    [InlineData(418, Unknown)]
    public void A_code_that_is_not_known_takes_the_category_of_its_status(int status, RunwareErrorCategory category)
    {
        ErrorCatalog.Categorize("brandNew", message: null, status).ShouldBe(category);
        ErrorCatalog.OfStatus(status).ShouldBe(category);
    }

    [Theory]
    [InlineData(Unknown, false)]
    [InlineData(Validation, false)]
    [InlineData(Authentication, false)]
    [InlineData(Quota, false)]
    [InlineData(RateLimit, true)]
    [InlineData(Safety, false)]
    [InlineData(NotFound, false)]
    [InlineData(Provider, true)]
    [InlineData(Server, true)]
    [InlineData(RunwareErrorCategory.Timeout, true)]
    [InlineData(Connection, true)]
    public void What_may_succeed_later_is_transient_and_nothing_else(RunwareErrorCategory category, bool isTransient) =>
        ErrorCatalog.IsTransient(category).ShouldBe(isTransient);

    [Fact]
    public void Every_category_has_an_action_of_its_own()
    {
        var actions = Enum.GetValues<RunwareErrorCategory>().ToDictionary(c => c, c => new RunwareException("someCode", c, "m") { IsFromServer = true }.RecommendedAction);

        actions.Values.ShouldAllBe(a => a.Length > 10 && a.EndsWith('.'));
        actions.Values.Distinct(StringComparer.Ordinal).Count().ShouldBe(actions.Count);
    }

    [Fact]
    public void A_rule_of_a_model_names_the_model_to_look_up()
    {
        var rule = new RunwareException("ParameterOutOfRange", Validation, "m") { AdditionalData = { ["model"] = "a:1@1", ["source"] = "model document of 2026-11-25" } };

        rule.RecommendedAction.ShouldStartWith("To see what the model accepts, run Get-RunwareModel a:1@1. The rule is from the model document of 2026-11-25.");
    }

    [Fact]
    public void A_journal_on_a_network_share_can_be_in_a_database_instead() =>
        new RunwareException("JournalNotLocal", Validation, "m").RecommendedAction.ShouldContain("Connect-Runware -Journal postgresql://");

    [Fact]
    public void A_task_that_was_not_seen_to_end_might_still_be_running() =>
        new RunwareException("TaskTimeout", RunwareErrorCategory.Timeout, "m") { TaskUuid = Talk.A }.RecommendedAction
            .ShouldBe($"The task might still be running. To get its results, run Receive-RunwareTask {Talk.A} -Wait. If its status is Pending, the API might not have it: Resume-RunwareTask {Talk.A} -Wait sends it.");

    [Fact]
    public void Every_finding_of_the_module_has_an_action_and_a_name_that_is_its_id()
    {
        var codes = typeof(ErrorCodes).GetFields(BindingFlags.Public | BindingFlags.Static).Where(f => f.IsLiteral).Select(f => (f.Name, Value: (string)f.GetRawConstantValue()!)).ToArray();

        codes.Length.ShouldBeGreaterThan(15);
        foreach (var (name, value) in codes)
        {
            value.ShouldBe(name);
            foreach (var id in new Guid?[] { null, Talk.A })
            {
                var e = new RunwareException(value, Validation, "m") { TaskUuid = id };
                e.RecommendedAction.ShouldNotBeNullOrWhiteSpace(name);
                e.ErrorId.ShouldBe(name);
            }
        }
    }

    [Theory]
    [InlineData("ApiKeyMissing", "ConnectionFailed", "DownloadFailed", "EndpointInsecure", "FileExists", "FileNameNotPlain", "HttpStatus", "ParameterConflict", "ParameterOutOfRange",
        "ParameterUnreadable", "PathLooksLikeFile", "PromptMissing", "RequestTimeout", "TaskUuidReused", "TransparencyNeedsAlpha", "UnreadableReply",
        "BudgetExceeded", "JournalNotLocal", "PriceUnknown", "ReferenceImageNotFound", "TaskTimeout", "UploadEndpointNeedsSingleResult")]
    public void The_ids_that_scripts_rely_on_are_all_there(params string[] ids)
    {
        var known = typeof(ErrorCodes).GetFields(BindingFlags.Public | BindingFlags.Static).Select(f => f.Name);

        ids.Except(known, StringComparer.Ordinal).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("modelNotFound")]
    [InlineData("modelDisabled")]
    [InlineData("modelUnavailable")]
    public void If_a_model_is_gone_the_action_names_the_list_of_others(string code)
    {
        var action = new RunwareException(code, NotFound, "m") { IsFromServer = true }.RecommendedAction;

        ErrorCatalog.IsModelGone(code).ShouldBeTrue();
        action.ShouldContain("-Model");
        action.ShouldContain("Get-RunwareModel");
    }

    [Theory]
    [InlineData("RequestTimeout")]
    [InlineData("ConnectionFailed")]
    [InlineData("UnreadableReply")]
    public void After_an_unclear_end_the_action_names_the_task_before_it_states_to_send_again(string code) =>
        new RunwareException(code, RunwareErrorCategory.Timeout, "m") { TaskUuid = Talk.A }.RecommendedAction.ShouldContain($"-RunwareTask {Talk.A}");

    [Fact]
    public void What_the_server_reported_and_what_the_module_found_have_ids_that_distinguish_them()
    {
        new RunwareException("invalidApiKey", Authentication, "m") { IsFromServer = true }.ErrorId.ShouldBe("Runware.invalidApiKey");
        new RunwareException("ApiKeyMissing", Authentication, "m").ErrorId.ShouldBe("ApiKeyMissing");
    }

    [Theory]
    [InlineData(401, NotFound)]
    [InlineData(403, NotFound)]
    [InlineData(404, NotFound)]
    [InlineData(410, NotFound)]
    [InlineData(429, RateLimit)]
    [InlineData(503, Server)]
    public void A_refused_download_is_a_link_that_has_expired(int status, RunwareErrorCategory category) => ErrorCatalog.OfDownload(status).ShouldBe(category);
}
