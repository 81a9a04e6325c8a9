package guardrail

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"golang.org/x/net/idna"

	"github.com/mde-as-code/terraform-provider-mde/internal/mde"
)

// protected answers in a few look-ups, however many values it holds, what
// protects a value.
type protected struct {
	hashes  map[string]bool
	domains map[string]bool
	// below names, for each parent of a protected domain, one that it has: to
	// block the parent is to block that one.
	below map[string]string
	// networks holds the addresses too, and bits each length of its prefixes.
	networks map[netip.Prefix]bool
	bits     []int
}

func newProtected() protected {
	return protected{hashes: map[string]bool{}, domains: map[string]bool{}, below: map[string]string{}, networks: map[netip.Prefix]bool{}}
}

// add takes a value of the configuration: a domain, an address, a range or a
// hash, told by its form. It refuses what would protect nothing.
func (p *protected) add(value string) error {
	text := strings.TrimSpace(value)
	addr, isAddr := addrOf(text)
	switch {
	case text == "":
		return errors.New("the value is empty, so that it protects nothing: remove it")
	case isAddr:
		p.addNetwork(netip.PrefixFrom(addr, addr.BitLen()))
		return nil
	case strings.Contains(text, "://"):
		return fmt.Errorf("%q is a URL: write its host alone, which protects every URL on it", value)
	case strings.Contains(text, "/"):
		return p.addRange(text)
	case isHash(text):
		p.hashes[strings.ToLower(text)] = true
		return nil
	}
	return p.addDomain(text)
}

func (p *protected) addRange(text string) error {
	prefix, err := netip.ParsePrefix(text)
	if err != nil {
		return fmt.Errorf("%q is not a range in CIDR notation, such as \"203.0.113.0/24\" or \"2001:db8::/32\"", text)
	}
	if addr := prefix.Addr(); addr.Is4In6() && prefix.Bits() >= 96 {
		prefix = netip.PrefixFrom(addr.Unmap(), prefix.Bits()-96)
	}
	p.addNetwork(prefix.Masked())
	return nil
}

func (p *protected) addNetwork(prefix netip.Prefix) {
	p.networks[prefix] = true
	if !slices.Contains(p.bits, prefix.Bits()) {
		p.bits = append(p.bits, prefix.Bits())
	}
}

func (p *protected) addDomain(text string) error {
	domain := domainOf(text)
	last := domain[strings.LastIndexByte(domain, '.')+1:]
	switch {
	case strings.Contains(text, "*"):
		return fmt.Errorf("%q is a wildcard: write the domain itself, such as %q, which protects its subdomains too", text, strings.TrimLeft(text, "*."))
	case !strings.Contains(domain, ".") || strings.Contains(domain, "..") || strings.HasPrefix(domain, ".") || strings.ContainsAny(domain, " \t:@?#") || isNumber(last):
		return fmt.Errorf("%q is neither a domain, such as \"contoso.com\", nor an IP address, a range in CIDR notation, or a hash of 32, 40 or 64 hexadecimal digits", text)
	}
	p.domains[domain] = true
	for parent := range parents(domain) {
		if _, ok := p.below[parent]; !ok {
			p.below[parent] = domain
		}
	}
	return nil
}

// covers says what protects a value of that type, empty when nothing does.
func (p *protected) covers(indicatorType, value string) string {
	switch indicatorType {
	case mde.TypeIPAddress, mde.TypeDomainName:
		return p.coversHost(value, true)
	case mde.TypeURL:
		host, rest := splitURL(value)
		return p.coversHost(host, rest == "" || rest == "/")
	}
	if p.hashes[strings.ToLower(value)] {
		return "the hash is protected"
	}
	return ""
}

// coversHost judges a host, and with whole what lies below it.
func (p *protected) coversHost(host string, whole bool) string {
	if addr, ok := addrOfHost(host); ok {
		return p.coversAddr(addr)
	}
	domain := domainOf(host)
	if p.domains[domain] {
		return domain + " is protected"
	}
	for parent := range parents(domain) {
		if p.domains[parent] {
			return parent + " is protected with its subdomains"
		}
	}
	if below := p.below[domain]; whole && below != "" {
		return "it includes " + below + ", which is protected"
	}
	return ""
}

func (p *protected) coversAddr(addr netip.Addr) string {
	for _, bits := range p.bits {
		network, err := addr.Prefix(bits)
		switch {
		case err != nil || !p.networks[network]: // Of the other family, or not protected.
		case network.IsSingleIP():
			return "the address is protected"
		default:
			return network.String() + " is protected"
		}
	}
	return ""
}

// parents goes through what is left of a domain as its parts are taken away.
func parents(domain string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for {
			_, parent, ok := strings.Cut(domain, ".")
			if !ok || !yield(parent) {
				return
			}
			domain = parent
		}
	}
}

// splitURL returns the host of a URL, without user, port and brackets, and
// what follows the authority.
func splitURL(value string) (host, rest string) {
	_, authority, ok := strings.Cut(value, "://")
	if !ok {
		authority = value
	}
	if i := strings.IndexAny(authority, `/\?#`); i >= 0 {
		authority, rest = authority[:i], authority[i:]
	}
	host = authority[strings.LastIndexByte(authority, '@')+1:]
	if inner, ok := strings.CutPrefix(host, "["); ok {
		host, _, _ = strings.Cut(inner, "]")
		return host, rest
	}
	host, _, _ = strings.Cut(host, ":")
	return host, rest
}

// domainOf returns the one spelling in which two names of a domain compare
// equal: lower case, in ASCII, without the dot of the root.
func domainOf(name string) string {
	name = strings.ToLower(strings.TrimSuffix(name, "."))
	if strings.ContainsFunc(name, func(r rune) bool { return r > 0x7f }) {
		if ascii, err := idna.New(idna.MapForLookup(), idna.StrictDomainName(false)).ToASCII(name); err == nil {
			return strings.TrimSuffix(ascii, ".")
		}
	}
	return name
}

func isHash(text string) bool {
	isHex := func(r rune) bool {
		return '0' <= r && r <= '9' || 'a' <= r && r <= 'f' || 'A' <= r && r <= 'F'
	}
	return slices.Contains([]int{32, 40, 64}, len(text)) && !strings.ContainsFunc(text, func(r rune) bool { return !isHex(r) })
}

func isNumber(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return r < '0' || r > '9' })
}
