package auth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
)

const (
	// variableADO is the variable that only Azure DevOps sets.
	variableADO = "SYSTEM_OIDCREQUESTURI"
	// exchangeAudience is whom Entra wants an assertion to be meant for.
	// https://learn.microsoft.com/en-us/entra/workload-id/workload-identity-federation
	exchangeAudience = "api://AzureADTokenExchange"
	// adoVersion is the version of Azure DevOps' API.
	adoVersion = "7.1"
)

// issuer is the endpoint of a CI system that issues assertions for a job.
type issuer struct {
	config *Config
	client *http.Client
}

func newIssuer(c *Config) *issuer { return &issuer{config: c, client: newClient(c)} }

// issue asks for a new assertion.
func (i *issuer) issue(ctx context.Context) (string, error) {
	req, err := i.request(ctx)
	if err != nil {
		return "", federationError(bare(err).Error(), i.config.OIDCRequestURL)
	}
	resp, err := i.client.Do(req)
	if err != nil {
		err = bare(err)
		failure := federationError(fmt.Sprintf("%s, which issues the job's token, cannot be reached: %s", req.URL.Host, err), i.config.OIDCRequestURL)
		var network net.Error
		failure.passing = errors.As(err, &network) && !untrusted(err)
		return "", failure
	}
	defer resp.Body.Close()
	return i.read(resp)
}

// request is GitHub's, or that of Azure DevOps when a service connection is
// named.
// https://docs.github.com/en/actions/reference/security/oidc
// https://learn.microsoft.com/en-us/rest/api/azure/devops/distributedtask/oidctoken/create
func (i *issuer) request(ctx context.Context) (*http.Request, error) {
	target, err := url.Parse(i.config.OIDCRequestURL.Text)
	if err != nil {
		return nil, err
	}
	method, query := http.MethodGet, target.Query()
	if connection := i.config.ADOServiceConnectionID.Text; connection != "" {
		method = http.MethodPost
		query.Set("api-version", adoVersion)
		query.Set("serviceConnectionId", connection)
	} else {
		query.Set("audience", exchangeAudience)
	}
	target.RawQuery = query.Encode()
	req, err := http.NewRequestWithContext(ctx, method, target.String(), http.NoBody)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("Authorization", "Bearer "+i.config.OIDCRequestToken.Text)
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("X-Tfs-Fedauthredirect", "Suppress") // A refusal, not a page to sign in.
	}
	return req, nil
}

// read takes the assertion out of an answer.
func (i *issuer) read(resp *http.Response) (string, error) {
	c := i.config
	var body struct {
		Value     string `json:"value"`     // GitHub
		OIDCToken string `json:"oidcToken"` // Azure DevOps
		Message   string `json:"message"`
	}
	data, err := io.ReadAll(resp.Body)
	if err == nil {
		err = json.Unmarshal(data, &body)
	}
	said := ""
	if body.Message != "" {
		said = ": " + c.excerpt(body.Message)
	}
	switch {
	case resp.StatusCode != http.StatusOK:
		failure := federationError(fmt.Sprintf("%s answers %d %s instead of issuing the job's token%s", resp.Request.URL.Host, resp.StatusCode, http.StatusText(resp.StatusCode), said), unblank(c.OIDCRequestToken, c.ADOServiceConnectionID, c.OIDCRequestURL)...)
		failure.passing = resp.StatusCode == http.StatusTooManyRequests || resp.StatusCode >= http.StatusInternalServerError
		return "", failure
	case err != nil, body.Value+body.OIDCToken == "":
		return "", federationError(resp.Request.URL.Host+" answers without a token for the job", unblank(c.OIDCRequestURL, c.ADOServiceConnectionID)...)
	}
	return body.Value + body.OIDCToken, nil
}

// unblank leaves out what is not set.
func unblank(settings ...Setting) []Setting {
	var out []Setting
	for _, s := range settings {
		if s.Text != "" {
			out = append(out, s)
		}
	}
	return out
}

// bare takes away the wrapping of net/http, whose text holds the whole URL.
func bare(err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		return wrapped.Err
	}
	return err
}

// excerpt makes one bounded line of what somebody else says. It masks secrets
// while they are whole.
func (c *Config) excerpt(text string) string {
	const enough = 400
	line := []rune(strings.TrimRight(strings.Join(strings.Fields(c.Mask(text)), " "), ". "))
	if len(line) > enough {
		return string(line[:enough]) + "…"
	}
	return string(line)
}
