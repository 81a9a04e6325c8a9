package indicator

import (
	"strings"
	"testing"

	"github.com/mde-as-code/terraform-provider-mde/internal/mde"
)

const (
	md5Hash    = "9e107d9d372bb6826bd81d3542a419d6"
	sha1Hash   = "2fd4e1c67a2d28fced849ee1bb76e7391b93eb12"
	sha256Hash = "d7a8fbb307d7809469ca9abcb0082e4f8d5651e46d3cdb762d02d0bf37c9e592"
)

func TestCheckValue_valid(t *testing.T) {
	t.Parallel()
	for indicatorType, values := range map[string][]string{
		mde.TypeFileMD5:               {md5Hash, strings.ToUpper(md5Hash)},
		mde.TypeFileSHA1:              {sha1Hash, strings.ToUpper(sha1Hash)},
		mde.TypeFileSHA256:            {sha256Hash, strings.ToUpper(sha256Hash)},
		mde.TypeCertificateThumbprint: {sha1Hash},
		mde.TypeIPAddress:             {"203.0.113.7", "2001:db8::7", "2001:0DB8:0000:0000:0000:0000:0000:0007"},
		mde.TypeDomainName:            {"contoso.com", "Sub.Contoso.COM", "_dmarc.contoso.com", "xn--bcher-kva.example", "bücher.example", "zip"},
		mde.TypeURL:                   {"https://contoso.com", "http://contoso.com:8080/a?b=c#d", "https://203.0.113.7/x", "https://[2001:db8::7]/x", "hxxp://contoso.com/", "https://evil.example/100%off", "https://evil.example?q=50%&%zz", "https://u%:p@evil.example#%"},
		"WebCategory":                 {"anything"},
	} {
		for _, value := range values {
			if err := checkValue(indicatorType, value); err != nil {
				t.Errorf("%s %q: %v", indicatorType, value, err)
			}
		}
	}
}

func TestCheckValue_invalid(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ indicatorType, value, says string }{
		"empty":                  {mde.TypeURL, "", "empty"},
		"space before":           {mde.TypeDomainName, " contoso.com", "white space"},
		"newline after":          {mde.TypeFileSHA1, sha1Hash + "\n", "trimspace()"},
		"sha1 of 39 digits":      {mde.TypeFileSHA1, sha1Hash[1:], "has 40 hexadecimal digits, but " + `"` + sha1Hash[1:] + `" has 39`},
		"sha256 as sha1":         {mde.TypeFileSHA1, sha256Hash, "as many as a FileSha256"},
		"no hex":                 {mde.TypeFileSHA1, "g" + sha1Hash[1:], `holds "g"`},
		"thumbprint with colons": {mde.TypeCertificateThumbprint, "2f:d4", `holds ":"`},
		"hash with umlaut":       {mde.TypeFileMD5, "ä" + md5Hash[2:], `holds "ä"`},
		"cidr":                   {mde.TypeIPAddress, "10.0.0.0/8", "single addresses only"},
		"cidr v6":                {mde.TypeIPAddress, "2001:db8::/32", "CIDR"},
		"address with port":      {mde.TypeIPAddress, "203.0.113.7:443", "not an IP address"},
		"octet of 256":           {mde.TypeIPAddress, "203.0.113.256", "not an IP address"},
		"leading zero":           {mde.TypeIPAddress, "203.0.113.07", "not an IP address"},
		"zone":                   {mde.TypeIPAddress, "fe80::1%eth0", "zone"},
		"wildcard":               {mde.TypeDomainName, "*.contoso.com", `such as "contoso.com"`},
		"domain with scheme":     {mde.TypeDomainName, "https://contoso.com", "type Url"},
		"domain with path":       {mde.TypeDomainName, "contoso.com/x", "host alone"},
		"domain with port":       {mde.TypeDomainName, "contoso.com:443", "host alone"},
		"address as domain":      {mde.TypeDomainName, "203.0.113.7", "type IpAddress"},
		"empty label":            {mde.TypeDomainName, "contoso..com", "empty part"},
		"dot at the end":         {mde.TypeDomainName, "contoso.com.", "empty part"},
		"hyphen first":           {mde.TypeDomainName, "-contoso.com", "hyphen"},
		"space inside":           {mde.TypeDomainName, "con toso.com", "letters, digits"},
		"long label":             {mde.TypeDomainName, strings.Repeat("a", 64) + ".com", "63 characters"},
		"long domain":            {mde.TypeDomainName, strings.Repeat("a.", 127) + "com", "253 characters"},
		"url without scheme":     {mde.TypeURL, "contoso.com/path", "scheme and a host"},
		"url without host":       {mde.TypeURL, "https:///path", "scheme and a host"},
		"url with a bad host":    {mde.TypeURL, "https://con%zztoso.com/", "complete URL"},
		"url with a bad port":    {mde.TypeURL, "https://contoso.com:x/", "complete URL"},
		"url with a user alone":  {mde.TypeURL, "https://user@/x", "scheme and a host"},
		"url with wildcard":      {mde.TypeURL, "https://*.contoso.com/", "wildcard"},
		"url with space":         {mde.TypeURL, "https://contoso.com/a b", "%20"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := checkValue(tc.indicatorType, tc.value)
			if err == nil || !strings.Contains(err.Error(), tc.says) {
				t.Errorf("got %v, want an error that says %q", err, tc.says)
			}
		})
	}
}
