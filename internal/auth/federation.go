package auth

import (
	"context"
	"strings"

	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/confidential"
)

const federationName = "workload identity federation"

// federationMethod signs in as an application that trusts another issuer: its
// proof is an assertion of that issuer. CI systems and clusters issue such
// assertions for minutes only, so each sign-in fetches or reads one anew.
func federationMethod() method {
	return method{
		name: federationName,
		word: "oidc",
		flag: func(c *Config) Setting { return c.UseOIDC },
		by:   assertionSources,
		hint: provided,
		needs: func(c *Config) []Setting {
			return append([]Setting{c.TenantID, c.ClientID}, requestNeeds(c)...)
		},
		open: openFederation,
	}
}

// assertionSources are the settings that an assertion can come by, best first.
func assertionSources(c *Config) []Setting {
	return []Setting{c.OIDCToken, c.OIDCTokenFilePath, c.ADOServiceConnectionID, c.OIDCRequestURL}
}

// provided tells whether a CI system or a cluster has set it for whoever wants
// it: it alone asks for nothing.
func provided(s Setting) bool {
	for _, variable := range []string{"ACTIONS_ID_TOKEN_REQUEST_URL", variableADO, "AZURE_FEDERATED_TOKEN_FILE"} {
		if s.Origin == FromVariable(variable) {
			return true
		}
	}
	return false
}

// requestNeeds are the settings without which no assertion can be asked for.
func requestNeeds(c *Config) []Setting {
	switch source := first(assertionSources(c)...); {
	case source.Name == "" || source.Name == c.OIDCToken.Name || source.Name == c.OIDCTokenFilePath.Name:
		return nil
	case c.OIDCRequestURL.Origin == FromVariable(variableADO):
		return []Setting{c.OIDCRequestURL, c.OIDCRequestToken, c.ADOServiceConnectionID}
	}
	return []Setting{c.OIDCRequestURL, c.OIDCRequestToken}
}

func openFederation(c *Config) (signIn, error) {
	source := first(assertionSources(c)...)
	var assertion func(context.Context) (string, error)
	switch source.Name {
	case c.OIDCToken.Name:
		assertion = func(context.Context) (string, error) { return strings.TrimSpace(source.Text), nil } //nolint:unparam // The others can fail.
	case c.OIDCTokenFilePath.Name:
		assertion = func(context.Context) (string, error) { return assertionFile(source) }
		if _, err := assertionFile(source); err != nil {
			return nil, err
		}
	case c.ADOServiceConnectionID.Name, c.OIDCRequestURL.Name:
		c.Learn(c.OIDCRequestToken.Text)
		assertion = newIssuer(c).issue
	default:
		return nil, federationError("use_oidc asks for it, but nothing tells where the token of the other issuer comes from. GitHub Actions tells a job with the permission id-token: write, Azure DevOps a step whose env passes SYSTEM_ACCESSTOKEN", assertionSources(c)...)
	}
	credential := confidential.NewCredFromAssertionCallback(func(ctx context.Context, _ confidential.AssertionRequestOptions) (string, error) {
		text, err := assertion(ctx)
		c.Learn(text)
		return text, err
	})
	return newApplication(c, federationName, source, func() (confidential.Credential, error) { return credential, nil }), nil
}

func assertionFile(setting Setting) (string, error) {
	text, err := readSecret(setting.Text)
	if err != nil {
		return "", federationError(err.Error(), setting)
	}
	return text, nil
}

func federationError(problem string, settings ...Setting) *Error {
	return &Error{Doing: "signing in with " + federationName, Settings: settings, Problem: problem}
}
