package auth

// Cloud is one of Microsoft's clouds: who signs in there, where the API is and
// what its tokens are asked for.
type Cloud struct {
	// Name is the word that the provider's environment attribute takes.
	Name          string
	AuthorityHost string
	Endpoint      string
	TokenScope    string
}

// Clouds returns the clouds, the default first. GCC signs in at the commercial
// authority although its API is on a government host.
// https://learn.microsoft.com/en-us/defender-endpoint/gov
func Clouds() []Cloud {
	const (
		commercial = "https://login.microsoftonline.com"
		government = "https://login.microsoftonline.us"
		gcc        = "https://api-gcc.securitycenter.microsoft.us"
		gov        = "https://api-gov.securitycenter.microsoft.us"
	)
	return []Cloud{
		{Name: "public", AuthorityHost: commercial, Endpoint: "https://api.security.microsoft.com", TokenScope: "https://api.securitycenter.microsoft.com/.default"},
		{Name: "gcc", AuthorityHost: commercial, Endpoint: gcc, TokenScope: gcc + "/.default"},
		{Name: "gcchigh", AuthorityHost: government, Endpoint: gov, TokenScope: gov + "/.default"},
		{Name: "dod", AuthorityHost: government, Endpoint: gov, TokenScope: gov + "/.default"},
	}
}

// isMicrosofts tells whether MSAL can ask Microsoft about an authority. Any
// other is taken as it is.
func isMicrosofts(authorityHost string) bool {
	for _, cloud := range Clouds() {
		if cloud.AuthorityHost == authorityHost {
			return true
		}
	}
	return false
}
