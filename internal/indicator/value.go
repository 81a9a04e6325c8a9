package indicator

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strings"
	"unicode"

	"github.com/mde-as-code/terraform-provider-mde/internal/mde"
)

// checkValue tells what keeps value from being an indicator of that type, and
// what would be right. It refuses only what the service documents that it
// refuses; the rest is for the service to judge.
func checkValue(indicatorType, value string) error {
	switch {
	case value == "":
		return errors.New("the value is empty")
	case strings.TrimSpace(value) != value:
		return errors.New("the value has white space around it, which the service refuses; trimspace() removes it")
	}
	switch indicatorType {
	case mde.TypeFileMD5, mde.TypeFileSHA1, mde.TypeFileSHA256, mde.TypeCertificateThumbprint:
		return checkHash(indicatorType, value)
	case mde.TypeIPAddress:
		return checkAddress(value)
	case mde.TypeDomainName:
		return checkDomain(value)
	case mde.TypeURL:
		return checkURL(value)
	}
	return nil
}

// hashDigits is the length of a hash, 0 for a type that is none.
func hashDigits(indicatorType string) int {
	switch indicatorType {
	case mde.TypeFileMD5:
		return 32
	case mde.TypeFileSHA1, mde.TypeCertificateThumbprint:
		return 40
	case mde.TypeFileSHA256:
		return 64
	}
	return 0
}

func checkHash(indicatorType, value string) error {
	digits := hashDigits(indicatorType)
	if at := strings.IndexFunc(value, func(r rune) bool { return !isHex(r) }); at >= 0 {
		return fmt.Errorf("a %s is written as %d hexadecimal digits and nothing else, but %q holds %q", indicatorType, digits, value, firstRune(value[at:]))
	}
	if len(value) == digits {
		return nil
	}
	for _, other := range []string{mde.TypeFileMD5, mde.TypeFileSHA1, mde.TypeFileSHA256} {
		if len(value) == hashDigits(other) {
			return fmt.Errorf("a %s has %d hexadecimal digits, but %q has %d, as many as a %s", indicatorType, digits, value, len(value), other)
		}
	}
	return fmt.Errorf("a %s has %d hexadecimal digits, but %q has %d", indicatorType, digits, value, len(value))
}

func isHex(r rune) bool {
	return '0' <= r && r <= '9' || 'a' <= r && r <= 'f' || 'A' <= r && r <= 'F'
}

func firstRune(s string) string {
	for _, r := range s {
		return string(r)
	}
	return ""
}

func checkAddress(value string) error {
	if _, err := netip.ParsePrefix(value); err == nil {
		return fmt.Errorf("%q is a range in CIDR notation, and the service takes single addresses only: write one indicator for each address, such as %q (cidrhost() lists them), or block the range on the firewall", value, strings.SplitN(value, "/", 2)[0])
	}
	address, err := netip.ParseAddr(value)
	if err != nil {
		return fmt.Errorf("%q is not an IP address: write a single IPv4 or IPv6 address, such as \"203.0.113.7\" or \"2001:db8::7\"", value)
	}
	if address.Zone() != "" {
		return fmt.Errorf("%q names the zone %q, which means something on one machine only: write the address without it", value, address.Zone())
	}
	return nil
}

func checkDomain(value string) error {
	switch {
	case strings.Contains(value, "*"):
		return fmt.Errorf("%q is a wildcard, which the service does not support: write the domain itself, such as %q", value, strings.TrimLeft(value, "*."))
	case strings.Contains(value, "://"):
		return fmt.Errorf("%q is a URL: write the host alone, or use the type %s", value, mde.TypeURL)
	case strings.ContainsAny(value, "/?#:@"):
		return fmt.Errorf("%q is more than a domain name: write the host alone, without port and path", value)
	case isAddress(value):
		return fmt.Errorf("%q is an IP address: use the type %s", value, mde.TypeIPAddress)
	}
	return checkHost(value)
}

func isAddress(value string) bool {
	_, err := netip.ParseAddr(value)
	return err == nil
}

// checkHost checks the letters and lengths of a host name. Letters beyond
// ASCII and the underscore are for the service to judge.
func checkHost(host string) error {
	if len(host) > 253 {
		return fmt.Errorf("the domain name %q is longer than 253 characters", host)
	}
	for label := range strings.SplitSeq(host, ".") {
		switch {
		case label == "":
			return fmt.Errorf("the domain name %q has an empty part: remove the dot that is too many", host)
		case len(label) > 63:
			return fmt.Errorf("the part %q of the domain name %q is longer than 63 characters", label, host)
		case strings.HasPrefix(label, "-") || strings.HasSuffix(label, "-"):
			return fmt.Errorf("the part %q of the domain name %q begins or ends with a hyphen", label, host)
		}
		for _, r := range label {
			if r != '-' && r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) {
				return fmt.Errorf("the domain name %q holds %q; it has letters, digits, hyphens and dots only", host, string(r))
			}
		}
	}
	return nil
}

// checkURL looks at scheme and host. What follows them is for the service to
// judge: links in the wild hold what no standard allows, such as a bare %.
func checkURL(value string) error {
	if strings.ContainsFunc(value, unicode.IsSpace) {
		return fmt.Errorf("the URL %q holds white space: write it as %%20", value)
	}
	scheme, rest, _ := strings.Cut(value, "://")
	authority := rest
	if end := strings.IndexAny(rest, `/\?#`); end >= 0 {
		authority = rest[:end]
	}
	host := authority[strings.LastIndexByte(authority, '@')+1:]
	parsed, err := url.Parse(scheme + "://" + host)
	if err != nil || parsed.Scheme == "" || parsed.Hostname() == "" {
		return fmt.Errorf("%q is not a complete URL: it begins with a scheme and a host, such as \"https://example.com/path\"; for a host alone use the type %s", value, mde.TypeDomainName)
	}
	if strings.Contains(parsed.Hostname(), "*") {
		return fmt.Errorf("the host of %q is a wildcard, which the service does not support: write the host itself, such as %q", value, strings.TrimLeft(parsed.Hostname(), "*."))
	}
	return nil
}
