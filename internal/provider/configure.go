package provider

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"

	"github.com/mde-as-code/terraform-provider-mde/internal/auth"
	"github.com/mde-as-code/terraform-provider-mde/internal/mde"
	"github.com/mde-as-code/terraform-provider-mde/internal/tfclient"
)

// ValidateConfig implements provider.ProviderWithValidateConfig. It judges the
// block alone: where a configuration is validated, the environment may lack
// what an apply has.
func (p *mdeProvider) ValidateConfig(ctx context.Context, req provider.ValidateConfigRequest, resp *provider.ValidateConfigResponse) {
	noEnvironment := func(string) string { return "" }
	settings := resolve(ctx, req.Config, noEnvironment, &resp.Diagnostics)
	settings.check(&resp.Diagnostics)
	resolveGuardrails(ctx, req.Config, &resp.Diagnostics)
}

// Configure implements provider.Provider. It makes no call: whoever needs the
// first token signs in.
func (p *mdeProvider) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	settings := resolve(ctx, req.Config, p.getenv, &resp.Diagnostics)
	settings.check(&resp.Diagnostics)
	rules := resolveGuardrails(ctx, req.Config, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	secrets := &mask{}
	options := mde.Options{
		Endpoint:  settings.of("endpoint").Text,
		UserAgent: fmt.Sprintf("Terraform/%s (+https://www.terraform.io) terraform-provider-mde/%s", req.TerraformVersion, p.version),
		Limits:    settings.limits,
		Logger:    newLogger(secrets),
		Base:      p.base,
		Mask:      secrets.text,
		Working:   rules.Working,

		ConcurrentRuns: settings.concurrentRuns,
	}
	if len(settings.unknown) > 0 {
		options.Tokens = notYet(settings.unknown)
		client := newClient(options, &resp.Diagnostics)
		hand(resp, tfclient.Data{Client: client, Guardrails: rules, Pending: true})
		if req.ClientCapabilities.DeferralAllowed {
			resp.Deferred = &provider.Deferred{Reason: provider.DeferredReasonProviderConfigUnknown}
		}
		return
	}
	config := settings.signIn()
	config.Base, config.UserAgent, config.Logger, config.Learn, config.Mask = p.base, options.UserAgent, options.Logger, secrets.learn, secrets.text
	config.AzureCLI, _ = p.lookPath("az") // None found is no error while another way is there.
	source, err := auth.New(ctx, config)
	if err != nil {
		resp.Diagnostics.Append(signInDiagnostic(err))
		return
	}
	options.Logger.DebugContext(ctx, "Calls go to "+options.Endpoint, "endpoint", settings.of("endpoint"), "environment", settings.of("environment"))
	warnOfIgnored(source, &resp.Diagnostics)
	options.Tokens, options.Identity = source, func() mde.Identity { return mde.Identity(source.Identity()) }
	hand(resp, tfclient.Data{Client: newClient(options, &resp.Diagnostics), Guardrails: rules})
}

func newClient(options mde.Options, diags *diag.Diagnostics) *mde.Client {
	client, err := mde.New(options)
	if err != nil {
		diags.AddError("Invalid provider configuration", fmt.Sprintf("The client cannot be built: %s.", err))
	}
	return client
}

// hand gives the client and the rules to everything that the provider offers.
func hand(resp *provider.ConfigureResponse, data tfclient.Data) {
	if resp.Diagnostics.HasError() {
		return
	}
	resp.ResourceData, resp.DataSourceData, resp.EphemeralResourceData, resp.ListResourceData = data, data, data, data
}

// signInDiagnostic points at the attribute that is to be mended, if it is one.
func signInDiagnostic(err error) diag.Diagnostic {
	const summary = "Cannot sign in to Defender for Endpoint"
	detail := strings.ToUpper(err.Error()[:1]) + err.Error()[1:]
	var signIn *auth.Error
	if errors.As(err, &signIn) && len(signIn.Settings) > 0 {
		return diag.NewAttributeErrorDiagnostic(path.Root(signIn.Settings[0].Name), summary, detail)
	}
	return diag.NewErrorDiagnostic(summary, detail)
}

// warnOfIgnored tells which settings of the block have no effect.
func warnOfIgnored(source *auth.Source, diags *diag.Diagnostics) {
	for _, setting := range source.Ignored() {
		diags.AddAttributeWarning(path.Root(setting.Name), "Another way to sign in goes first", fmt.Sprintf("The provider signs in with %s, so %s has no effect. Keep one way to sign in.", source.Method(), setting.Name))
	}
}

// notYet is the token source of a provider whose configuration refers to what
// another resource has yet to make: a plan that needs no call goes through.
type notYet []string

// Token implements transport.TokenSource.
func (n notYet) Token(context.Context) (string, error) {
	return "", fmt.Errorf("the provider is not configured yet: %s will be known only after other resources are applied. Apply those first, with -target, or give the provider values that are known while planning", strings.Join(n, ", "))
}

// Reject implements transport.TokenSource.
func (n notYet) Reject(string) {}

// baseTransport sends every request of the provider. It heeds HTTPS_PROXY and
// NO_PROXY, and by way of the standard library SSL_CERT_FILE.
func baseTransport() http.RoundTripper {
	dialer := &net.Dialer{Timeout: 30 * time.Second, KeepAlive: 30 * time.Second}
	return &http.Transport{
		Proxy:                 proxy,
		DialContext:           dialer.DialContext,
		ForceAttemptHTTP2:     true,
		MaxIdleConns:          100,
		MaxIdleConnsPerHost:   32,
		MaxConnsPerHost:       64,
		IdleConnTimeout:       90 * time.Second,
		TLSHandshakeTimeout:   15 * time.Second,
		ResponseHeaderTimeout: 3 * time.Minute,
		TLSClientConfig:       &tls.Config{MinVersion: tls.VersionTLS12},
	}
}

// proxy heeds the environment, but for the addresses of this machine's own
// network link: there Azure tells a machine its identity, and not a proxy's.
func proxy(req *http.Request) (*url.URL, error) {
	if ip := net.ParseIP(req.URL.Hostname()); ip != nil && ip.IsLinkLocalUnicast() {
		return nil, nil //nolint:nilnil // So net/http wants it for no proxy.
	}
	return http.ProxyFromEnvironment(req)
}
