package auth

import (
	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/confidential"
)

// clientSecretMethod signs in as an application that knows a secret.
func clientSecretMethod() method {
	const name = "the client secret"
	return method{
		name:  name,
		by:    func(c *Config) []Setting { return []Setting{c.ClientSecret} },
		needs: func(c *Config) []Setting { return []Setting{c.TenantID, c.ClientID} },
		open: func(c *Config) (signIn, error) {
			c.Learn(c.ClientSecret.Text)
			credential, err := confidential.NewCredFromSecret(c.ClientSecret.Text)
			if err != nil {
				return nil, &Error{Doing: "signing in with " + name, Settings: []Setting{c.ClientSecret}, Problem: err.Error()}
			}
			return newApplication(c, name, c.ClientSecret, credential), nil
		},
	}
}
