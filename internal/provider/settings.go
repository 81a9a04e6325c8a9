package provider

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/mde-as-code/terraform-provider-mde/internal/auth"
	"github.com/mde-as-code/terraform-provider-mde/internal/transport"
)

// texts returns the attributes that are texts, each with the environment
// variables that stand in for it, best first.
func texts() []auth.Setting {
	return []auth.Setting{
		{Name: "tenant_id", Variables: []string{"MDE_TENANT_ID", "ARM_TENANT_ID", "AZURE_TENANT_ID"}},
		{Name: "client_id", Variables: []string{"MDE_CLIENT_ID", "ARM_CLIENT_ID", "AZURE_CLIENT_ID"}},
		{Name: "client_secret", Variables: []string{"MDE_CLIENT_SECRET", "ARM_CLIENT_SECRET", "AZURE_CLIENT_SECRET"}},
		{Name: "client_secret_file_path", Variables: []string{"MDE_CLIENT_SECRET_FILE_PATH", "ARM_CLIENT_SECRET_FILE_PATH", "AZURE_CLIENT_SECRET_FILE_PATH"}},
		{Name: "client_certificate", Variables: []string{"MDE_CLIENT_CERTIFICATE", "ARM_CLIENT_CERTIFICATE"}},
		{Name: "client_certificate_path", Variables: []string{"MDE_CLIENT_CERTIFICATE_PATH", "ARM_CLIENT_CERTIFICATE_PATH", "AZURE_CLIENT_CERTIFICATE_PATH"}},
		{Name: "client_certificate_password", Variables: []string{"MDE_CLIENT_CERTIFICATE_PASSWORD", "ARM_CLIENT_CERTIFICATE_PASSWORD", "AZURE_CLIENT_CERTIFICATE_PASSWORD"}},
		{Name: "oidc_token", Variables: []string{"MDE_OIDC_TOKEN", "ARM_OIDC_TOKEN"}},
		{Name: "oidc_token_file_path", Variables: []string{"MDE_OIDC_TOKEN_FILE_PATH", "ARM_OIDC_TOKEN_FILE_PATH", "AZURE_FEDERATED_TOKEN_FILE"}},
		{Name: "oidc_request_url", Variables: []string{"MDE_OIDC_REQUEST_URL", "ARM_OIDC_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_URL", "SYSTEM_OIDCREQUESTURI"}},
		{Name: "oidc_request_token", Variables: []string{"MDE_OIDC_REQUEST_TOKEN", "ARM_OIDC_REQUEST_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_TOKEN", "SYSTEM_ACCESSTOKEN"}},
		{Name: "ado_pipeline_service_connection_id", Variables: []string{"MDE_ADO_PIPELINE_SERVICE_CONNECTION_ID", "ARM_ADO_PIPELINE_SERVICE_CONNECTION_ID", "ARM_OIDC_AZURE_SERVICE_CONNECTION_ID"}},
		{Name: "msi_client_id", Variables: []string{"MDE_MSI_CLIENT_ID", "ARM_MSI_CLIENT_ID"}},
		{Name: "access_token", Variables: []string{"MDE_ACCESS_TOKEN"}},
		{Name: "environment", Variables: []string{"MDE_ENVIRONMENT"}},
		{Name: "endpoint", Variables: []string{"MDE_ENDPOINT"}},
		{Name: "authority_host", Variables: []string{"MDE_AUTHORITY_HOST", "AZURE_AUTHORITY_HOST"}},
		{Name: "token_scope", Variables: []string{"MDE_TOKEN_SCOPE"}},
	}
}

// switches returns the attributes that are true or false, like texts.
func switches() []auth.Setting {
	return []auth.Setting{
		{Name: "use_oidc", Variables: []string{"MDE_USE_OIDC", "ARM_USE_OIDC"}},
		{Name: "use_msi", Variables: []string{"MDE_USE_MSI", "ARM_USE_MSI"}},
		{Name: "use_cli", Variables: []string{"MDE_USE_CLI", "ARM_USE_CLI"}},
	}
}

// settings are the provider's settings, wherever they come from.
type settings struct {
	byName map[string]auth.Setting
	// unknown names the attributes whose values are yet to be computed.
	unknown []string
	limits  transport.Limits
	// concurrentRuns is how many live-response runs may go on at once.
	concurrentRuns int
}

// resolve finds every setting: the attribute first, then the environment, then
// what the chosen cloud has by default. Empty is as good as unset.
func resolve(ctx context.Context, config tfsdk.Config, getenv func(string) string, diags *diag.Diagnostics) *settings {
	s := &settings{byName: map[string]auth.Setting{}}
	for _, setting := range texts() {
		var value types.String
		diags.Append(config.GetAttribute(ctx, path.Root(setting.Name), &value)...)
		if value.IsUnknown() {
			s.unknown = append(s.unknown, setting.Name)
		}
		s.byName[setting.Name] = fill(setting, value.ValueString(), getenv)
	}
	for _, setting := range switches() {
		var value types.Bool
		diags.Append(config.GetAttribute(ctx, path.Root(setting.Name), &value)...)
		if value.IsUnknown() {
			s.unknown = append(s.unknown, setting.Name)
		}
		s.byName[setting.Name] = fill(setting, switchText(value), func(variable string) string { return normalSwitch(getenv(variable)) })
	}
	s.resolveLimits(ctx, config, diags)
	s.applyCloud()
	return s
}

func fill(setting auth.Setting, attribute string, getenv func(string) string) auth.Setting {
	if attribute != "" {
		setting.Text, setting.Origin = attribute, auth.FromBlock
		return setting
	}
	for _, variable := range setting.Variables {
		if text := getenv(variable); text != "" {
			setting.Text, setting.Origin = text, auth.FromVariable(variable)
			return setting
		}
	}
	return setting
}

func switchText(value types.Bool) string {
	if value.IsNull() || value.IsUnknown() {
		return ""
	}
	return strconv.FormatBool(value.ValueBool())
}

// normalSwitch takes the spellings that other tools take, such as 1 and True,
// and leaves alone what is none.
func normalSwitch(text string) string {
	value, err := strconv.ParseBool(text)
	if err != nil {
		return text
	}
	return strconv.FormatBool(value)
}

// documentedLimits are the quotas of the API.
// https://learn.microsoft.com/en-us/defender-endpoint/api/api-terms-of-use
func documentedLimits() transport.Limits {
	return transport.Limits{RequestsPerMinute: 100, RequestsPerHour: 1500, ImportsPerMinute: 30, LiveResponseRunsPerMinute: 10}
}

// documentedSessions is how many live-response sessions a tenant may have.
const documentedSessions = 25

// limitsModel is the rate_limits object.
type limitsModel struct {
	RequestsPerMinute         types.Int64 `tfsdk:"requests_per_minute"`
	RequestsPerHour           types.Int64 `tfsdk:"requests_per_hour"`
	ImportsPerMinute          types.Int64 `tfsdk:"imports_per_minute"`
	LiveResponseRunsPerMinute types.Int64 `tfsdk:"live_response_runs_per_minute"`
	ConcurrentRuns            types.Int64 `tfsdk:"concurrent_live_response_runs"`
}

func (s *settings) resolveLimits(ctx context.Context, config tfsdk.Config, diags *diag.Diagnostics) {
	s.limits, s.concurrentRuns = documentedLimits(), documentedSessions
	var object types.Object
	diags.Append(config.GetAttribute(ctx, path.Root("rate_limits"), &object)...)
	if object.IsNull() {
		return
	}
	var limits limitsModel
	if object.IsUnknown() {
		return // A plan does with the documented ones.
	}
	diags.Append(object.As(ctx, &limits, basetypes.ObjectAsOptions{})...)
	for _, limit := range []struct {
		from types.Int64
		to   *int
	}{
		{limits.RequestsPerMinute, &s.limits.RequestsPerMinute},
		{limits.RequestsPerHour, &s.limits.RequestsPerHour},
		{limits.ImportsPerMinute, &s.limits.ImportsPerMinute},
		{limits.LiveResponseRunsPerMinute, &s.limits.LiveResponseRunsPerMinute},
		{limits.ConcurrentRuns, &s.concurrentRuns},
	} {
		if !limit.from.IsNull() && !limit.from.IsUnknown() {
			*limit.to = int(limit.from.ValueInt64())
		}
	}
}

// applyCloud fills in what the environment attribute stands for.
func (s *settings) applyCloud() {
	cloud, ok := s.cloud()
	if !ok {
		return
	}
	for name, text := range map[string]string{"endpoint": cloud.Endpoint, "authority_host": cloud.AuthorityHost, "token_scope": cloud.TokenScope} {
		if setting := s.byName[name]; setting.Text == "" {
			setting.Text, setting.Origin = text, auth.FromCloud(cloud.Name)
			s.byName[name] = setting
		}
	}
}

// cloud returns the chosen cloud, the first one when none is chosen.
func (s *settings) cloud() (auth.Cloud, bool) {
	clouds := auth.Clouds()
	chosen := s.of("environment").Text
	if chosen == "" {
		return clouds[0], true
	}
	for _, cloud := range clouds {
		if cloud.Name == chosen {
			return cloud, true
		}
	}
	return auth.Cloud{}, false
}

func (s *settings) of(name string) auth.Setting { return s.byName[name] }

// signIn returns the settings that signing in needs.
func (s *settings) signIn() auth.Config {
	return auth.Config{
		TenantID:                  s.of("tenant_id"),
		ClientID:                  s.of("client_id"),
		ClientSecret:              s.of("client_secret"),
		ClientSecretFilePath:      s.of("client_secret_file_path"),
		ClientCertificate:         s.of("client_certificate"),
		ClientCertificatePath:     s.of("client_certificate_path"),
		ClientCertificatePassword: s.of("client_certificate_password"),
		UseOIDC:                   s.of("use_oidc"),
		OIDCToken:                 s.of("oidc_token"),
		OIDCTokenFilePath:         s.of("oidc_token_file_path"),
		OIDCRequestURL:            s.of("oidc_request_url"),
		OIDCRequestToken:          s.of("oidc_request_token"),
		ADOServiceConnectionID:    s.of("ado_pipeline_service_connection_id"),
		UseMSI:                    s.of("use_msi"),
		MSIClientID:               s.of("msi_client_id"),
		UseCLI:                    s.of("use_cli"),
		AccessToken:               s.of("access_token"),
		AuthorityHost:             s.of("authority_host"),
		TokenScope:                s.of("token_scope"),
	}
}

// tenant is what a tenant is named by: its id or a domain.
var tenant = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9.-]*$`)

// check reports every setting that can be seen to be wrong. Unknown ones are
// empty and pass.
func (s *settings) check(diags *diag.Diagnostics) {
	for _, rule := range []struct {
		name  string
		wrong func(string) string
	}{
		{"environment", func(string) string { return s.wrongEnvironment() }},
		{"endpoint", wrongEndpoint},
		{"authority_host", wrongAuthority},
		{"token_scope", wrongScope},
		{"tenant_id", wrongTenant},
		{"oidc_request_url", wrongRequestURL},
		{"use_oidc", wrongSwitch},
		{"use_msi", wrongSwitch},
		{"use_cli", wrongSwitch},
	} {
		setting := s.of(rule.name)
		if setting.Text == "" {
			continue
		}
		problem := rule.wrong(setting.Text)
		if problem == "" {
			continue
		}
		detail := fmt.Sprintf("The value %q of %s %s. Check %s.", shown(setting.Text), rule.name, problem, setting.Advice())
		diags.AddAttributeError(path.Root(rule.name), "Invalid "+rule.name, detail)
	}
	for _, pair := range [][2]string{{"client_secret", "client_secret_file_path"}, {"client_certificate", "client_certificate_path"}} {
		one, other := s.of(pair[0]), s.of(pair[1])
		if one.Text != "" && other.Text != "" && one.Origin == auth.FromBlock && other.Origin == auth.FromBlock {
			diags.AddAttributeError(path.Root(other.Name), "Conflicting settings", fmt.Sprintf("The provider block sets both %s and %s. Keep one of the two.", one.Name, other.Name))
		}
	}
}

func (s *settings) wrongEnvironment() string {
	if _, ok := s.cloud(); ok {
		return ""
	}
	return "names no cloud. Use " + strings.ReplaceAll(environmentNames(), "`", `"`)
}

// environmentNames lists the clouds in Markdown.
func environmentNames() string {
	clouds := auth.Clouds()
	names := make([]string, len(clouds))
	for i, cloud := range clouds {
		names[i] = "`" + cloud.Name + "`"
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " or " + names[last]
}

func wrongEndpoint(text string) string {
	u, problem := baseURL(text)
	switch {
	case problem != "":
		return problem
	case u.Scheme == "https", u.Scheme == "http" && loopback(u.Hostname()):
		return ""
	}
	return "would send the token without encryption. Use an https URL; plain http is accepted for a loopback address only"
}

func wrongAuthority(text string) string {
	u, problem := baseURL(text)
	switch {
	case problem != "":
		return problem
	case u.Scheme != "https":
		return "is not an https URL. Use one such as https://login.microsoftonline.com"
	case strings.Trim(u.Path, "/") != "":
		return "has a path. Use the host alone, such as https://login.microsoftonline.com; the tenant is tenant_id"
	}
	return ""
}

// baseURL reads a URL to which paths can be added.
func baseURL(text string) (*url.URL, string) {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Scheme == "" || u.Hostname() == "":
		return nil, "is not a URL. Use one such as https://api.security.microsoft.com"
	case u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return nil, "has a user, a query or a fragment. Use a plain URL such as https://api.security.microsoft.com"
	}
	return u, ""
}

// shown is a value as an error prints it: of a URL, scheme, host and path.
func shown(text string) string {
	if u, err := url.Parse(text); err == nil && u.Opaque == "" {
		return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
	}
	scheme, rest, ok := strings.Cut(text, "://")
	if !ok {
		scheme, rest = "", text
	}
	rest = rest[strings.LastIndex(rest, "@")+1:]
	if end := strings.IndexAny(rest, "?#"); end >= 0 {
		rest = rest[:end]
	}
	if ok {
		return scheme + "://" + rest
	}
	return rest
}

// wrongRequestURL judges a URL that the job's own token is sent to.
func wrongRequestURL(text string) string {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Hostname() == "" || u.User != nil:
		return "is not a URL. It is the one that GitHub Actions and Azure DevOps give to a job"
	case u.Scheme == "https", u.Scheme == "http" && loopback(u.Hostname()):
		return ""
	}
	return "would send the job's token without encryption. Use an https URL"
}

func wrongSwitch(text string) string {
	if text == "true" || text == "false" {
		return ""
	}
	return "is neither true nor false"
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}

func wrongScope(text string) string {
	if strings.HasSuffix(text, "/.default") && !strings.HasPrefix(text, "-") && !strings.ContainsAny(text, " \t\r\n") {
		return ""
	}
	return `is not a scope that an application can ask for. Use one that ends in "/.default", such as https://api.securitycenter.microsoft.com/.default`
}

func wrongTenant(text string) string {
	if tenant.MatchString(text) {
		return ""
	}
	return "is neither the id of a tenant nor a domain name"
}
