package auth

import (
	"strings"

	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/confidential"
)

const clientSecretName = "the client secret"

// clientSecretMethod signs in as an application that knows a secret.
func clientSecretMethod() method {
	return method{
		name:  clientSecretName,
		word:  "client_secret",
		by:    func(c *Config) []Setting { return []Setting{c.ClientSecret, c.ClientSecretFilePath} },
		needs: func(c *Config) []Setting { return []Setting{c.TenantID, c.ClientID} },
		open:  openClientSecret,
	}
}

func openClientSecret(c *Config) (signIn, error) {
	setting := first(c.ClientSecret, c.ClientSecretFilePath)
	credential := func() (confidential.Credential, error) {
		secret, err := clientSecret(c, setting)
		if err != nil {
			return confidential.Credential{}, &Error{Doing: "signing in with " + clientSecretName, Settings: []Setting{setting}, Problem: err.Error()}
		}
		c.Learn(secret)
		return confidential.NewCredFromSecret(secret)
	}
	if _, err := credential(); err != nil {
		return nil, err
	}
	return newApplication(c, clientSecretName, setting, credential), nil
}

// clientSecret returns the secret, or reads it.
func clientSecret(c *Config, setting Setting) (string, error) {
	if setting.Name != c.ClientSecretFilePath.Name {
		return strings.TrimSpace(setting.Text), nil
	}
	return readSecret(setting.Text)
}
