package provider

import (
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

func providerSchema() schema.Schema {
	return schema.Schema{
		MarkdownDescription: "The `mde` provider keeps content of Microsoft Defender for Endpoint as code: scripts and tools in the live-response library, threat indicators, and reviewed live-response runs. " +
			"Every setting can come from the provider block or from the environment; the block wins.",
		Attributes: map[string]schema.Attribute{
			"tenant_id": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "The Entra tenant, as id or domain name. With an id, a token of another tenant is refused before any call is made; a domain name cannot be compared with what a token says." + fromEnvironment("tenant_id"),
			},
			"client_id": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "The application (client) id of the app registration that the provider signs in as." + fromEnvironment("client_id"),
			},
			"client_secret": schema.StringAttribute{
				Optional:            true,
				Sensitive:           true,
				MarkdownDescription: "A client secret of the application: its value, not its id. Conflicts with `client_secret_file_path`." + fromEnvironment("client_secret"),
			},
			"client_secret_file_path": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "The path of a file that holds the client secret. It is read at each sign-in. Conflicts with `client_secret`." + fromEnvironment("client_secret_file_path"),
			},
			"client_certificate": schema.StringAttribute{
				Optional:            true,
				Sensitive:           true,
				MarkdownDescription: "A certificate of the application together with its RSA private key: PEM text, or a PFX (PKCS#12) file in base64. Conflicts with `client_certificate_path`." + fromEnvironment("client_certificate"),
			},
			"client_certificate_path": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "The path of a PEM or PFX file that holds a certificate of the application and its RSA private key. Conflicts with `client_certificate`." + fromEnvironment("client_certificate_path"),
			},
			"client_certificate_password": schema.StringAttribute{
				Optional:            true,
				Sensitive:           true,
				MarkdownDescription: "The password of the PFX file. A private key in PEM must not be encrypted." + fromEnvironment("client_certificate_password"),
			},
			"use_oidc": schema.BoolAttribute{
				Optional:            true,
				MarkdownDescription: "Whether to sign in by workload identity federation, with a token of GitHub Actions, Azure DevOps, a Kubernetes cluster or another issuer that the application trusts. `oidc_token` and the others below imply it; `false` turns it off whatever the environment holds." + fromEnvironment("use_oidc"),
			},
			"oidc_token": schema.StringAttribute{
				Optional:            true,
				Sensitive:           true,
				MarkdownDescription: "The token of the other issuer itself. Such tokens live for minutes, and this one is never renewed: prefer `oidc_token_file_path` or `oidc_request_url`." + fromEnvironment("oidc_token"),
			},
			"oidc_token_file_path": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "The path of a file that holds the token of the other issuer, as Kubernetes keeps it for a workload identity. It is read again at each sign-in." + fromEnvironment("oidc_token_file_path"),
			},
			"oidc_request_url": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "The URL at which a CI system issues tokens for the job; a new one is fetched at each sign-in." + fromEnvironment("oidc_request_url"),
			},
			"oidc_request_token": schema.StringAttribute{
				Optional:            true,
				Sensitive:           true,
				MarkdownDescription: "The job's own bearer token for `oidc_request_url`." + fromEnvironment("oidc_request_token"),
			},
			"ado_pipeline_service_connection_id": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "The id of the Azure DevOps service connection whose identity the pipeline takes on; `oidc_request_url` is then taken for that of Azure DevOps." + fromEnvironment("ado_pipeline_service_connection_id"),
			},
			"use_msi": schema.BoolAttribute{
				Optional:            true,
				MarkdownDescription: "Whether to sign in with the managed identity of the Azure resource (or the server with Azure Arc) that Terraform runs on." + fromEnvironment("use_msi"),
			},
			"msi_client_id": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "The client id of a user-assigned managed identity. Without it the system-assigned one signs in." + fromEnvironment("msi_client_id"),
			},
			"use_cli": schema.BoolAttribute{
				Optional:            true,
				MarkdownDescription: "Whether to sign in as whoever is logged in to the Azure CLI, by `az account get-access-token`. It wants a `tenant_id`. Defaults to `true`, tried when nothing else is configured; `false` turns it off." + fromEnvironment("use_cli"),
			},
			"access_token": schema.StringAttribute{
				Optional:            true,
				Sensitive:           true,
				MarkdownDescription: "A ready bearer token for the API, which is never renewed. In the block it goes before every other way to sign in, in the environment before every other one there." + fromEnvironment("access_token"),
			},
			"environment": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "The cloud: " + environmentNames() + ". It sets the sign-in authority, the API host and the token scope. Defaults to `public`." + fromEnvironment("environment"),
			},
			"endpoint": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "The base URL of the API, for example a regional host such as `https://eu.api.security.microsoft.com`. It must be `https`; plain `http` is accepted for a loopback address only. Defaults to the host of `environment`." + fromEnvironment("endpoint"),
			},
			"authority_host": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "The `https` URL of the host that issues tokens. Defaults to the authority of `environment`." + fromEnvironment("authority_host"),
			},
			"token_scope": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "The scope that tokens are asked for, ending in `/.default`. It does not follow `endpoint`: a token for the general scope is valid on regional hosts. Defaults to the scope of `environment`." + fromEnvironment("token_scope"),
			},
			"rate_limits": rateLimitsAttribute(),
			"guardrails":  guardrailsAttribute(),
		},
	}
}

// fromEnvironment says what stands in for an attribute.
func fromEnvironment(attribute string) string {
	for _, setting := range append(texts(), switches()...) {
		if setting.Name == attribute && len(setting.Variables) == 1 {
			return fmt.Sprintf(" Can also be set by the environment variable `%s`.", setting.Variables[0])
		}
		if setting.Name == attribute {
			return fmt.Sprintf(" Can also be set by the environment variables `%s`, in this order.", strings.Join(setting.Variables, "`, `"))
		}
	}
	return ""
}

func rateLimitsAttribute() schema.SingleNestedAttribute {
	standard := documentedLimits()
	one := func(what string, documented int) schema.Int64Attribute {
		return schema.Int64Attribute{
			Optional:            true,
			Validators:          []validator.Int64{int64validator.AtLeast(1)},
			MarkdownDescription: fmt.Sprintf("%s. Defaults to `%d`, the documented quota.", what, documented),
		}
	}
	return schema.SingleNestedAttribute{
		Optional:            true,
		MarkdownDescription: "The quotas that the provider keeps. The service counts by application and tenant: set lower values when several pipelines share an application, higher ones when Microsoft has raised yours.",
		Attributes: map[string]schema.Attribute{
			"requests_per_minute":           one("Calls of the API in a minute", standard.RequestsPerMinute),
			"requests_per_hour":             one("Calls of the API in an hour", standard.RequestsPerHour),
			"imports_per_minute":            one("Imports of indicators in a minute, of up to 500 indicators each, and as many batch deletions", standard.ImportsPerMinute),
			"live_response_runs_per_minute": one("Starts of live-response runs in a minute", standard.LiveResponseRunsPerMinute),
			"concurrent_live_response_runs": one("Live-response runs of this provider that go on at once; further ones wait for their start within `queue_timeout`", documentedSessions),
		},
	}
}
