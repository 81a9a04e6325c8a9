package iocfeed

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/mde-as-code/terraform-provider-mde/internal/mde"
)

// alternative is one of the things that match a pattern, each on its own: an
// object path that equals a value. What no single value can express has a
// reason instead.
type alternative struct{ path, value, reason string }

// indicatorType is the type of indicator that matches what the alternative
// matches, or the reason why there is none.
func (a alternative) indicatorType() (string, string) {
	if a.reason != "" {
		return "", a.reason
	}
	object, property, _ := strings.Cut(a.path, ":")
	hash, isHash := strings.CutPrefix(strings.ReplaceAll(property, "'", ""), "hashes.")
	kind := ""
	switch {
	case isHash && object == "file":
		kind = map[string]string{"md5": mde.TypeFileMD5, "sha1": mde.TypeFileSHA1, "sha256": mde.TypeFileSHA256}[folded(hash)]
	case isHash && object == "x509-certificate" && folded(hash) == "sha1":
		kind = mde.TypeCertificateThumbprint
	case a.path == "ipv4-addr:value", a.path == "ipv6-addr:value":
		kind = mde.TypeIPAddress
	case a.path == "domain-name:value":
		kind = mde.TypeDomainName
	case a.path == "url:value":
		kind = mde.TypeURL
	}
	if kind == "" {
		return "", fmt.Sprintf("no type of indicator matches %s", a.path)
	}
	return kind, ""
}

// patternToken are the words of a pattern: a text, a path or keyword, a mark.
var patternToken = regexp.MustCompile(`^(?:'(?:[^'\\]|\\['\\])*'|[tbh]'[^']*'|[A-Za-z0-9_-]+:(?:[A-Za-z0-9_.-]|\[[0-9*]+\]|'(?:[^'\\]|\\['\\])*')+|[A-Za-z0-9_.+-]+|!=|<=|>=|==|<>|[\[\](),=<>])`)

// maxNesting bounds the recursion; no honest pattern comes near it.
const maxNesting = 50

// patternParser reads the patterns of STIX 2.1, as far as it takes to tell the
// alternatives of a pattern from what must hold together.
type patternParser struct {
	tokens []string
	depth  int
}

// parsePattern splits a pattern into its alternatives.
func parsePattern(pattern string) ([]alternative, error) {
	tokens, err := tokenize(pattern)
	if err != nil {
		return nil, err
	}
	p := &patternParser{tokens: tokens}
	found, err := p.sequence()
	if err == nil && len(p.tokens) > 0 {
		err = p.unexpected("the end")
	}
	return found, err
}

func tokenize(pattern string) ([]string, error) {
	var tokens []string
	for rest := strings.TrimSpace(pattern); rest != ""; rest = strings.TrimSpace(rest) {
		next := patternToken.FindString(rest)
		if next == "" {
			return nil, fmt.Errorf("at %q", shortened(rest))
		}
		tokens, rest = append(tokens, next), rest[len(next):]
	}
	if len(tokens) == 0 {
		return nil, errors.New("it is empty")
	}
	return tokens, nil
}

func shortened(text string) string {
	if runes := []rune(text); len(runes) > 20 {
		return string(runes[:20]) + "…"
	}
	return text
}

func (p *patternParser) peek() string {
	if len(p.tokens) == 0 {
		return ""
	}
	return p.tokens[0]
}

func (p *patternParser) next() string {
	token := p.peek()
	if token != "" {
		p.tokens = p.tokens[1:]
	}
	return token
}

// accept takes the next token if it is that word.
func (p *patternParser) accept(word string) bool {
	if p.peek() != word {
		return false
	}
	p.next()
	return true
}

func (p *patternParser) expect(word string) error {
	if !p.accept(word) {
		return p.unexpected(fmt.Sprintf("%q", word))
	}
	return nil
}

func (p *patternParser) unexpected(want string) error {
	if len(p.tokens) == 0 {
		return fmt.Errorf("it ends where %s belongs", want)
	}
	return fmt.Errorf("%q stands where %s belongs", shortened(p.peek()), want)
}

type production func() ([]alternative, error)

// joined reads operands with that word between them. Alternatives add up; what
// must hold together becomes one that cannot be expressed.
func (p *patternParser) joined(word string, operand production) ([]alternative, error) {
	all, err := operand()
	for together := 1; err == nil && p.accept(word); together++ {
		var more []alternative
		more, err = operand()
		all = append(all, more...)
		if word != "OR" {
			all = []alternative{{reason: "its pattern demands several things together (" + word + "), and an indicator is one value"}}
		}
	}
	return all, err
}

// From loose to tight: FOLLOWEDBY, OR and AND between observations, then OR
// and AND within one.
func (p *patternParser) sequence() ([]alternative, error) {
	return p.joined("FOLLOWEDBY", func() ([]alternative, error) {
		return p.joined("OR", func() ([]alternative, error) {
			return p.joined("AND", p.observation)
		})
	})
}

func (p *patternParser) comparisons() ([]alternative, error) {
	return p.joined("OR", func() ([]alternative, error) {
		return p.joined("AND", p.comparison)
	})
}

// within reads what stands between two brackets.
func (p *patternParser) within(end string, inner production) ([]alternative, error) {
	if p.depth++; p.depth > maxNesting {
		return nil, fmt.Errorf("its brackets are nested more than %d deep", maxNesting)
	}
	defer func() { p.depth-- }()
	found, err := inner()
	if err != nil {
		return nil, err
	}
	return found, p.expect(end)
}

func (p *patternParser) observation() ([]alternative, error) {
	var found []alternative
	var err error
	switch {
	case p.accept("["):
		found, err = p.within("]", p.comparisons)
	case p.accept("("):
		found, err = p.within(")", p.sequence)
	default:
		err = p.unexpected(`"["`)
	}
	if err != nil {
		return nil, err
	}
	for words, qualified := p.qualifier(); qualified; words, qualified = p.qualifier() {
		found = []alternative{{reason: "its pattern counts or times observations (" + words + "), and an indicator matches each"}}
	}
	return found, nil
}

// qualifier reads WITHIN 5 SECONDS, REPEATS 3 TIMES, or START t'…' STOP t'…'.
func (p *patternParser) qualifier() (string, bool) {
	length := map[string]int{"WITHIN": 3, "REPEATS": 3, "START": 4}[p.peek()]
	if length == 0 {
		return "", false
	}
	var words []string
	for range length {
		words = append(words, p.next())
	}
	return strings.TrimSpace(strings.Join(words, " ")), true
}

func (p *patternParser) comparison() ([]alternative, error) {
	if p.accept("(") {
		return p.within(")", p.comparisons)
	}
	if p.accept("EXISTS") {
		return []alternative{{reason: "its pattern asks whether " + p.next() + " exists, and an indicator is one value"}}, nil
	}
	path := p.next()
	if !strings.Contains(path, ":") || strings.HasPrefix(path, "'") {
		return nil, fmt.Errorf("%q stands where a comparison belongs", shortened(path))
	}
	negated := p.accept("NOT")
	operator := p.next()
	values, err := p.values(operator)
	if err != nil {
		return nil, err
	}
	found := make([]alternative, 0, len(values))
	for _, value := range values {
		text, isText := unquote(value)
		switch {
		case negated, operator != "=" && operator != "==" && operator != "IN":
			return []alternative{{reason: fmt.Sprintf("its pattern compares %s with %s, and an indicator matches equal values only", path, strings.TrimSpace(map[bool]string{true: "NOT "}[negated]+operator))}}, nil
		case !isText:
			return nil, fmt.Errorf("%q stands where a text in quotation marks belongs", shortened(value))
		}
		found = append(found, alternative{path: path, value: text})
	}
	return found, nil
}

// values reads what an operator compares with: one value, or IN a list.
func (p *patternParser) values(operator string) ([]string, error) {
	if operator != "IN" {
		if p.peek() == "" || p.peek() == "]" {
			return nil, p.unexpected("a value")
		}
		return []string{p.next()}, nil
	}
	if err := p.expect("("); err != nil {
		return nil, err
	}
	values := []string{p.next()}
	for p.accept(",") {
		values = append(values, p.next())
	}
	return values, p.expect(")")
}

// unquote reads a text in its quotation marks.
func unquote(token string) (string, bool) {
	inner, opened := strings.CutPrefix(token, "'")
	inner, closed := strings.CutSuffix(inner, "'")
	if strings.Contains(inner, `\`) {
		inner = strings.NewReplacer(`\\`, `\`, `\'`, `'`).Replace(inner)
	}
	return inner, opened && closed
}
