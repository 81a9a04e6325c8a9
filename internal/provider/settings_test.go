package provider

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/mde-as-code/terraform-provider-mde/internal/auth"
	"github.com/mde-as-code/terraform-provider-mde/internal/transport"
)

// block is a provider block in which only the given attributes are set.
func block(t *testing.T, set map[string]tftypes.Value) tfsdk.Config {
	t.Helper()
	s := providerSchema()
	object, ok := s.Type().TerraformType(t.Context()).(tftypes.Object)
	if !ok {
		t.Fatal("the schema is no object")
	}
	values := map[string]tftypes.Value{}
	for name, kind := range object.AttributeTypes {
		values[name] = tftypes.NewValue(kind, nil)
		if value, ok := set[name]; ok {
			values[name] = value
		}
	}
	return tfsdk.Config{Schema: s, Raw: tftypes.NewValue(object, values)}
}

func text(value any) tftypes.Value { return tftypes.NewValue(tftypes.String, value) }

func environment(variables map[string]string) func(string) string {
	return func(name string) string { return variables[name] }
}

func resolved(t *testing.T, config tfsdk.Config, variables map[string]string) *settings {
	t.Helper()
	var diags diag.Diagnostics
	s := resolve(t.Context(), config, environment(variables), &diags)
	if diags.HasError() {
		t.Fatal(diags)
	}
	return s
}

// TestResolve_precedence takes the sources of every attribute away one by one,
// the best first.
func TestResolve_precedence(t *testing.T) {
	t.Parallel()
	want := map[string][]string{
		"tenant_id":                          {"MDE_TENANT_ID", "ARM_TENANT_ID", "AZURE_TENANT_ID"},
		"client_id":                          {"MDE_CLIENT_ID", "ARM_CLIENT_ID", "AZURE_CLIENT_ID"},
		"client_secret":                      {"MDE_CLIENT_SECRET", "ARM_CLIENT_SECRET", "AZURE_CLIENT_SECRET"},
		"client_secret_file_path":            {"MDE_CLIENT_SECRET_FILE_PATH", "ARM_CLIENT_SECRET_FILE_PATH", "AZURE_CLIENT_SECRET_FILE_PATH"},
		"client_certificate":                 {"MDE_CLIENT_CERTIFICATE", "ARM_CLIENT_CERTIFICATE"},
		"client_certificate_path":            {"MDE_CLIENT_CERTIFICATE_PATH", "ARM_CLIENT_CERTIFICATE_PATH", "AZURE_CLIENT_CERTIFICATE_PATH"},
		"client_certificate_password":        {"MDE_CLIENT_CERTIFICATE_PASSWORD", "ARM_CLIENT_CERTIFICATE_PASSWORD", "AZURE_CLIENT_CERTIFICATE_PASSWORD"},
		"oidc_token":                         {"MDE_OIDC_TOKEN", "ARM_OIDC_TOKEN"},
		"oidc_token_file_path":               {"MDE_OIDC_TOKEN_FILE_PATH", "ARM_OIDC_TOKEN_FILE_PATH", "AZURE_FEDERATED_TOKEN_FILE"},
		"oidc_request_url":                   {"MDE_OIDC_REQUEST_URL", "ARM_OIDC_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_URL", "SYSTEM_OIDCREQUESTURI"},
		"oidc_request_token":                 {"MDE_OIDC_REQUEST_TOKEN", "ARM_OIDC_REQUEST_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_TOKEN", "SYSTEM_ACCESSTOKEN"},
		"msi_client_id":                      {"MDE_MSI_CLIENT_ID", "ARM_MSI_CLIENT_ID"},
		"access_token":                       {"MDE_ACCESS_TOKEN"},
		"ado_pipeline_service_connection_id": {"MDE_ADO_PIPELINE_SERVICE_CONNECTION_ID", "ARM_ADO_PIPELINE_SERVICE_CONNECTION_ID", "ARM_OIDC_AZURE_SERVICE_CONNECTION_ID"},
		"environment":                        {"MDE_ENVIRONMENT"},
		"endpoint":                           {"MDE_ENDPOINT"},
		"authority_host":                     {"MDE_AUTHORITY_HOST", "AZURE_AUTHORITY_HOST"},
		"token_scope":                        {"MDE_TOKEN_SCOPE"},
	}
	for name, variables := range want {
		set := map[string]string{}
		for _, variable := range variables {
			set[variable] = "from " + variable
		}
		check := func(config tfsdk.Config, text string, origin auth.Origin) {
			t.Helper()
			if got := resolved(t, config, set).of(name); got.Text != text || got.Origin != origin {
				t.Errorf("%s: got %q from %q, want %q from %q", name, got.Text, got.Origin, text, origin)
			}
		}
		check(block(t, map[string]tftypes.Value{name: text("from the block")}), "from the block", auth.FromBlock)
		empty := block(t, map[string]tftypes.Value{name: text("")})
		for _, variable := range variables {
			check(empty, "from "+variable, auth.FromVariable(variable))
			delete(set, variable)
		}
	}
	if len(texts()) != len(want) {
		t.Errorf("%d settings, %d of them tested", len(texts()), len(want))
	}
}

// TestResolve_switches does the same for what is true or false, in spellings
// that other tools take.
func TestResolve_switches(t *testing.T) {
	t.Parallel()
	want := map[string][]string{
		"use_oidc": {"MDE_USE_OIDC", "ARM_USE_OIDC"},
		"use_msi":  {"MDE_USE_MSI", "ARM_USE_MSI"},
		"use_cli":  {"MDE_USE_CLI", "ARM_USE_CLI"},
	}
	for name, variables := range want {
		in := func(set map[string]tftypes.Value, environment map[string]string, text string, origin auth.Origin) {
			t.Helper()
			if got := resolved(t, block(t, set), environment).of(name); got.Text != text || got.Origin != origin {
				t.Errorf("%s: got %q from %q, want %q from %q", name, got.Text, got.Origin, text, origin)
			}
		}
		mde, arm := variables[0], variables[1]
		off := map[string]tftypes.Value{name: tftypes.NewValue(tftypes.Bool, false)}
		in(off, map[string]string{mde: "true", arm: "true"}, "false", auth.FromBlock)
		in(nil, map[string]string{mde: "1", arm: "false"}, "true", auth.FromVariable(mde))
		in(nil, map[string]string{arm: "False"}, "false", auth.FromVariable(arm))
		in(nil, nil, "", "")
	}
	if len(switches()) != len(want) {
		t.Errorf("%d switches, %d of them tested", len(switches()), len(want))
	}
	var diags diag.Diagnostics
	resolved(t, block(t, nil), map[string]string{"ARM_USE_OIDC": "yes"}).check(&diags)
	if !diags.HasError() || !strings.Contains(diags[0].Detail(), `The value "yes" of use_oidc is neither true nor false. Check use_oidc (from the environment variable ARM_USE_OIDC).`) {
		t.Errorf("got %v", diags)
	}
}

func TestResolve_clouds(t *testing.T) {
	t.Parallel()
	for name, want := range map[string][3]string{
		"":        {"https://login.microsoftonline.com", "https://api.security.microsoft.com", "https://api.securitycenter.microsoft.com/.default"},
		"public":  {"https://login.microsoftonline.com", "https://api.security.microsoft.com", "https://api.securitycenter.microsoft.com/.default"},
		"gcc":     {"https://login.microsoftonline.com", "https://api-gcc.securitycenter.microsoft.us", "https://api-gcc.securitycenter.microsoft.us/.default"},
		"gcchigh": {"https://login.microsoftonline.us", "https://api-gov.securitycenter.microsoft.us", "https://api-gov.securitycenter.microsoft.us/.default"},
		"dod":     {"https://login.microsoftonline.us", "https://api-gov.securitycenter.microsoft.us", "https://api-gov.securitycenter.microsoft.us/.default"},
	} {
		s := resolved(t, block(t, map[string]tftypes.Value{"environment": text(name)}), nil)
		if got := [3]string{s.of("authority_host").Text, s.of("endpoint").Text, s.of("token_scope").Text}; got != want {
			t.Errorf("%q: got %v, want %v", name, got, want)
		}
	}
	regional := resolved(t, block(t, map[string]tftypes.Value{"endpoint": text("https://eu.api.security.microsoft.com")}), nil)
	if got := regional.of("token_scope").Text; got != "https://api.securitycenter.microsoft.com/.default" {
		t.Errorf("a regional endpoint changes the scope to %s", got)
	}
}

func TestResolve_limits(t *testing.T) {
	t.Parallel()
	kind, ok := providerSchema().Attributes["rate_limits"].GetType().TerraformType(t.Context()).(tftypes.Object)
	if !ok {
		t.Fatal("rate_limits is no object")
	}
	number := func(value any) tftypes.Value { return tftypes.NewValue(tftypes.Number, value) }
	limits := func(perMinute tftypes.Value) map[string]tftypes.Value {
		return map[string]tftypes.Value{"rate_limits": tftypes.NewValue(kind, map[string]tftypes.Value{
			"requests_per_minute": perMinute, "requests_per_hour": number(nil), "imports_per_minute": number(nil), "live_response_runs_per_minute": number(nil),
			"concurrent_live_response_runs": number(3),
		})}
	}
	documented := transport.Limits{RequestsPerMinute: 100, RequestsPerHour: 1500, ImportsPerMinute: 30, LiveResponseRunsPerMinute: 10}
	lowered := documented
	lowered.RequestsPerMinute = 7
	for name, tt := range map[string]struct {
		set     map[string]tftypes.Value
		want    transport.Limits
		runs    int
		unknown int
	}{
		"none":            {nil, documented, 25, 0},
		"some":            {limits(number(7)), lowered, 3, 0},
		"one unknown":     {limits(number(tftypes.UnknownValue)), documented, 3, 0},
		"all are unknown": {map[string]tftypes.Value{"rate_limits": tftypes.NewValue(kind, tftypes.UnknownValue)}, documented, 25, 0},
	} {
		s := resolved(t, block(t, tt.set), nil)
		if s.limits != tt.want || len(s.unknown) != tt.unknown {
			t.Errorf("%s: got %+v, unknown %v", name, s.limits, s.unknown)
		}
		if s.concurrentRuns != tt.runs {
			t.Errorf("%s: %d concurrent runs, want %d", name, s.concurrentRuns, tt.runs)
		}
	}
}

// TestCheck_printsNoSecretOfAURL has what a URL can hold beside host and path.
func TestCheck_printsNoSecretOfAURL(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"endpoint", "authority_host", "oidc_request_url"} {
		for value, shown := range map[string]string{
			"http://user:hush@example.com/path?key=hush#hush": `"http://example.com/path"`,
			"https://hush:hu/sh@exa mple.com/x?hush":          `"https://exa mple.com/x"`,
			"https://user:p?hush@exa mple.com#hush":           `"https://exa mple.com"`,
			"user:hush@example.com?hush":                      `"example.com"`,
			"ftp://example.com?x=hush":                        `"ftp://example.com"`,
			"/path?key=hush":                                  `"/path"`,
		} {
			var diags diag.Diagnostics
			resolved(t, block(t, map[string]tftypes.Value{name: text(value)}), nil).check(&diags)
			if name == "oidc_request_url" && !diags.HasError() {
				continue // It may have a query.
			}
			if !diags.HasError() || strings.Contains(diags[0].Detail(), "hush") || !strings.Contains(diags[0].Detail(), shown) {
				t.Errorf("%s = %q: %v", name, value, diags)
			}
		}
	}
}

func TestCheck_formats(t *testing.T) {
	t.Parallel()
	for name, values := range map[string]map[string]bool{
		"endpoint": {
			"https://api.security.microsoft.com": true, "https://api.security.microsoft.com/": true, "http://127.0.0.1:8080": true, "http://[::1]:8080": true, "http://localhost": true,
			"http://example.com": false, "http://127.0.0.1.example.com": false, "http://localhost.example.com": false, "example.com": false, "ftp://example.com": false,
			"https://user:pass@example.com": false, "https://example.com?x=y": false, "https://": false, "https://exa mple": false,
		},
		"authority_host": {
			"https://login.microsoftonline.com": true, "https://login.microsoftonline.com/": true, "https://127.0.0.1:8443": true,
			"http://127.0.0.1": false, "login.microsoftonline.com": false, "https://login.microsoftonline.com/contoso.com": false,
		},
		"token_scope": {"https://api.securitycenter.microsoft.com/.default": true, "https://api.securitycenter.microsoft.com": false, "a/.default b/.default": false},
		"environment": {"public": true, "dod": true, "Public": false, "china": false},
		"oidc_request_url": {
			"https://pipelines.actions.githubusercontent.com/x?api-version=2.0": true, "http://127.0.0.1:1/x?y=z": true,
			"http://example.com/x": false, "example.com": false, "https://a:b@example.com": false,
		},
		"tenant_id": {"11111111-1111-4111-8111-111111111111": true, "contoso.onmicrosoft.com": true, "a/b": false, "../x": false, "{tenant}": false},
	} {
		for value, valid := range values {
			var diags diag.Diagnostics
			resolved(t, block(t, map[string]tftypes.Value{name: text(value)}), nil).check(&diags)
			if diags.HasError() == valid {
				t.Errorf("%s = %q: %v", name, value, diags)
			}
		}
	}
}
