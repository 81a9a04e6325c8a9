package guardrail

import (
	"net/netip"
	"strconv"
	"strings"
)

// addrOf reads an address in the one form in which two compare equal.
func addrOf(text string) (netip.Addr, bool) {
	addr, err := netip.ParseAddr(text)
	return addr.Unmap().WithZone(""), err == nil
}

// addrOfHost reads the host of a URL as browsers do. To them an IPv4 address is
// one to four numbers, each decimal, octal (012) or hexadecimal (0x0a), of which
// the last one fills the bytes that are left: 167772161 and 10.1 are 10.0.0.1.
// See https://url.spec.whatwg.org/#concept-ipv4-parser.
func addrOfHost(host string) (netip.Addr, bool) {
	if addr, ok := addrOf(host); ok {
		return addr, true
	}
	parts := strings.Split(domainOf(host), ".")
	if len(parts) > 4 {
		return netip.Addr{}, false
	}
	var bytes [4]byte
	for i, part := range parts {
		left := 1
		if i == len(parts)-1 {
			left = len(bytes) - i
		}
		number, ok := numberOf(part, 8*left)
		if !ok {
			return netip.Addr{}, false
		}
		for at := i + left - 1; at >= i; at-- {
			bytes[at] = byte(number)
			number >>= 8
		}
	}
	return netip.AddrFrom4(bytes), true
}

// numberOf reads a part of an address, which has no more bits than these.
func numberOf(part string, bits int) (uint64, bool) {
	base, digits := 10, part
	if hex, ok := strings.CutPrefix(part, "0x"); ok {
		base, digits = 16, "0"+hex // Browsers take 0x alone for 0.
	} else if len(part) > 1 && part[0] == '0' {
		base = 8
	}
	number, err := strconv.ParseUint(digits, base, bits)
	return number, err == nil
}
