package auth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	msal "github.com/AzureAD/microsoft-authentication-library-for-go/apps/errors"
	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/managedidentity"
)

const managedIdentityName = "the managed identity"

// managedIdentityMethod signs in as the Azure resource that the provider runs
// on: a virtual machine, App Service, Arc and whatever else MSAL knows.
func managedIdentityMethod() method {
	return method{
		name:  managedIdentityName,
		word:  "managed_identity",
		flag:  func(c *Config) Setting { return c.UseMSI },
		by:    func(*Config) []Setting { return nil },
		needs: func(*Config) []Setting { return nil },
		open:  openManagedIdentity,
	}
}

func openManagedIdentity(c *Config) (signIn, error) {
	id := managedidentity.SystemAssigned()
	if c.MSIClientID.Text != "" {
		id = managedidentity.UserAssignedClientID(c.MSIClientID.Text)
	}
	transport := c.named()
	if source, err := managedidentity.GetSource(); err == nil && source == managedidentity.ServiceFabric {
		transport = c.Base // It takes nothing but a plain one.
	}
	client, err := managedidentity.New(id, managedidentity.WithHTTPClient(&http.Client{Transport: transport, CheckRedirect: stay}))
	if err != nil {
		return nil, managedIdentityError(c, err.Error())
	}
	return &managedIdentity{config: c, client: client}, nil
}

type managedIdentity struct {
	config *Config
	client managedidentity.Client
}

// acquire implements signIn. MSAL repeats what fails. Its cache, which all
// clients share, is passed over by asking with claims: [Source] keeps the
// token, and asks only for another one.
func (m *managedIdentity) acquire(ctx context.Context) (token, error) {
	ctx, cancel := context.WithTimeout(ctx, attemptTimeout)
	defer cancel()
	result, err := m.client.AcquireToken(ctx, m.config.TokenScope.Text, managedidentity.WithClaims("{}"))
	if err != nil {
		return token{}, m.explain(err)
	}
	return token{text: result.AccessToken, expires: result.ExpiresOn}, nil
}

func (m *managedIdentity) explain(err error) error {
	var call msal.CallErr
	var mangled msal.InvalidJsonErr
	var network *url.Error
	switch {
	case errors.As(err, &call):
		problem := fmt.Sprintf("the identity endpoint of this machine answers %d %s", call.Resp.StatusCode, http.StatusText(call.Resp.StatusCode))
		if said := m.said(err); said != "" {
			problem += ": " + said
		}
		return managedIdentityError(m.config, problem)
	case errors.As(err, &mangled):
		return managedIdentityError(m.config, "the answer of the identity endpoint of this machine is not JSON")
	case errors.As(err, &network):
		return managedIdentityError(m.config, fmt.Sprintf("the identity endpoint of this machine cannot be reached: %s. Only Azure resources, and servers with Azure Arc, have one", network.Err))
	}
	return managedIdentityError(m.config, err.Error())
}

// said finds the endpoint's words below MSAL's first line.
func (m *managedIdentity) said(err error) string {
	_, answer, _ := strings.Cut(err.Error(), "\n")
	var body struct {
		Description string `json:"error_description"`
		Message     string `json:"message"`
	}
	if json.Unmarshal([]byte(answer), &body) != nil {
		return ""
	}
	return m.config.excerpt(body.Description + body.Message)
}

func managedIdentityError(c *Config, problem string) error {
	return &Error{Doing: "signing in with " + managedIdentityName, Settings: unblank(c.MSIClientID, c.UseMSI), Problem: strings.TrimRight(problem, ". \n")}
}
