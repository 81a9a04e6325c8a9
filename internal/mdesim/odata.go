package mdesim

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// scope is what a filter looks names up in: the properties of one row, and the
// variable of a lambda.
type scope struct {
	property func(name string) any
	variable any
}

// term computes a value: string, float64, bool, time.Time, []string or nil.
type term func(scope) any

// filterParser is a recursive-descent parser of $filter expressions.
type filterParser struct {
	tokens []token
	// known tells whether a property may be filtered on.
	known    func(name string) error
	variable string
}

type tokenKind int

const (
	tokenEnd tokenKind = iota
	tokenWord
	tokenText
	tokenSign
)

type token struct {
	kind tokenKind
	text string
}

// parseFilter compiles an expression. known refuses properties that cannot be
// filtered on.
func parseFilter(expression string, known func(string) error) (func(property func(string) any) bool, error) {
	tokens, err := scanFilter(expression)
	if err != nil {
		return nil, err
	}
	p := &filterParser{tokens: tokens, known: known}
	condition, err := p.or()
	if err != nil {
		return nil, err
	}
	if p.peek().kind != tokenEnd {
		return nil, fmt.Errorf("syntax error at '%s'", p.peek().text)
	}
	return func(property func(string) any) bool {
		return condition(scope{property: property}) == true
	}, nil
}

// scanFilter splits an expression into words, quoted texts and signs.
func scanFilter(s string) ([]token, error) {
	var tokens []token
	for s != "" {
		switch c := s[0]; {
		case c == ' ' || c == '\t':
			s = s[1:]
		case strings.IndexByte("(),:", c) >= 0:
			tokens = append(tokens, token{tokenSign, s[:1]})
			s = s[1:]
		case c == '\'':
			text, rest, err := scanText(s)
			if err != nil {
				return nil, err
			}
			tokens = append(tokens, token{tokenText, text})
			s = rest
		default:
			end := wordEnd(s)
			if end == 0 {
				return nil, fmt.Errorf("syntax error: character '%c' is not valid", c)
			}
			tokens = append(tokens, token{tokenWord, s[:end]})
			s = s[end:]
		}
	}
	return append(tokens, token{kind: tokenEnd, text: "end of expression"}), nil
}

// scanText reads a quoted text in which a doubled quote stands for one.
func scanText(s string) (text, rest string, err error) {
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		if s[i] != '\'' {
			b.WriteByte(s[i])
			continue
		}
		if i+1 == len(s) || s[i+1] != '\'' {
			return b.String(), s[i+1:], nil
		}
		b.WriteByte('\'')
		i++
	}
	return "", "", fmt.Errorf("there is an unterminated string literal at position %d in '%s'", len(s), s)
}

// wordEnd is the length of the word at the beginning of s. Colons belong to a
// word only in a time of day, that is between two digits.
func wordEnd(s string) int {
	for i, c := range s {
		inTime := c == ':' && i > 0 && i+1 < len(s) && isDigit(s[i-1]) && isDigit(s[i+1]) && isDigit(s[0])
		if !inTime && !unicode.IsLetter(c) && !unicode.IsDigit(c) && !strings.ContainsRune("_-+./$", c) {
			return i
		}
	}
	return len(s)
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func (p *filterParser) peek() token { return p.tokens[0] }

func (p *filterParser) next() token {
	next := p.tokens[0]
	if next.kind != tokenEnd {
		p.tokens = p.tokens[1:]
	}
	return next
}

// accept consumes the next token if it is that word or sign.
func (p *filterParser) accept(text string) bool {
	if next := p.peek(); next.kind == tokenText || next.text != text {
		return false
	}
	p.next()
	return true
}

func (p *filterParser) expect(sign string) error {
	if !p.accept(sign) {
		return fmt.Errorf("'%s' expected before '%s'", sign, p.peek().text)
	}
	return nil
}

func (p *filterParser) or() (term, error) {
	left, err := p.and()
	for err == nil && p.accept("or") {
		var right term
		first := left
		right, err = p.and()
		left = func(s scope) any { return first(s) == true || right(s) == true }
	}
	return left, err
}

func (p *filterParser) and() (term, error) {
	left, err := p.not()
	for err == nil && p.accept("and") {
		var right term
		first := left
		right, err = p.not()
		left = func(s scope) any { return first(s) == true && right(s) == true }
	}
	return left, err
}

func (p *filterParser) not() (term, error) {
	if !p.accept("not") {
		return p.comparison()
	}
	inner, err := p.not()
	return func(s scope) any { return inner(s) != true }, err
}

// comparison is an operand, two compared ones, or an operand in a list.
func (p *filterParser) comparison() (term, error) {
	left, err := p.operand()
	if err != nil {
		return nil, err
	}
	operator := p.peek()
	if operator.kind != tokenWord || !slices.Contains([]string{"eq", "ne", "gt", "ge", "lt", "le", "in"}, operator.text) {
		return left, nil
	}
	p.next()
	if operator.text == "in" {
		return p.membership(left)
	}
	right, err := p.operand()
	if err != nil {
		return nil, err
	}
	return func(s scope) any { return compare(operator.text, left(s), right(s)) }, nil
}

// membership is the list after "in". Constant texts are looked up in a set, so
// that a list of hundreds stays cheap.
func (p *filterParser) membership(left term) (term, error) {
	if err := p.expect("("); err != nil {
		return nil, err
	}
	members := map[any]bool{}
	for {
		member, err := p.operand()
		if err != nil {
			return nil, err
		}
		members[member(scope{property: func(string) any { return nil }})] = true
		if p.accept(")") {
			return func(s scope) any {
				value := left(s)
				_, isList := value.([]string)
				return !isList && members[value]
			}, nil
		}
		if err := p.expect(","); err != nil {
			return nil, err
		}
	}
}

// operand is a parenthesis, a literal, a function call, a lambda or a name.
func (p *filterParser) operand() (term, error) {
	if p.accept("(") {
		inner, err := p.or()
		if err != nil {
			return nil, err
		}
		return inner, p.expect(")")
	}
	next := p.next()
	switch next.kind {
	case tokenText:
		return constant(next.text), nil
	case tokenWord:
		if value, ok := literal(next.text); ok {
			return constant(value), nil
		}
		if property, lambda := strings.CutSuffix(next.text, "/any"); lambda {
			return p.any(property)
		}
		if p.accept("(") {
			return p.call(next.text)
		}
		return p.name(next.text)
	}
	return nil, fmt.Errorf("expression expected at '%s'", next.text)
}

func constant(value any) term { return func(scope) any { return value } }

// literal reads null, a boolean, a number or a date.
func literal(word string) (any, bool) {
	switch word {
	case "null":
		return nil, true
	case "true":
		return true, true
	case "false":
		return false, true
	}
	if number, err := strconv.ParseFloat(word, 64); err == nil && (isDigit(word[0]) || word[0] == '-') {
		return number, true
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02"} {
		if instant, err := time.Parse(layout, word); err == nil {
			return instant, true
		}
	}
	return nil, false
}

func (p *filterParser) name(name string) (term, error) {
	if name == p.variable && name != "" {
		return func(s scope) any { return s.variable }, nil
	}
	if err := p.known(name); err != nil {
		return nil, err
	}
	return func(s scope) any { return s.property(name) }, nil
}

// any is a lambda over a list of texts: tags/any(t: t eq 'x').
func (p *filterParser) any(property string) (term, error) {
	list, err := p.name(property)
	if err != nil {
		return nil, err
	}
	if err := p.expect("("); err != nil {
		return nil, err
	}
	if p.accept(")") {
		return func(s scope) any { texts, _ := list(s).([]string); return len(texts) > 0 }, nil
	}
	p.variable = p.next().text
	defer func() { p.variable = "" }()
	if err := p.expect(":"); err != nil {
		return nil, err
	}
	condition, err := p.or()
	if err != nil {
		return nil, err
	}
	return func(s scope) any {
		texts, _ := list(s).([]string)
		return slices.ContainsFunc(texts, func(text string) bool {
			return condition(scope{property: s.property, variable: text}) == true
		})
	}, p.expect(")")
}

// call is a function of texts.
func (p *filterParser) call(function string) (term, error) {
	var arguments []term
	for {
		argument, err := p.operand()
		if err != nil {
			return nil, err
		}
		arguments = append(arguments, argument)
		if p.accept(")") {
			break
		}
		if err := p.expect(","); err != nil {
			return nil, err
		}
	}
	tests := map[string]func(s, part string) bool{"startswith": strings.HasPrefix, "endswith": strings.HasSuffix, "contains": strings.Contains}
	folds := map[string]func(string) string{"tolower": strings.ToLower, "toupper": strings.ToUpper}
	if test := tests[function]; test != nil && len(arguments) == 2 {
		return func(s scope) any {
			text, ok := arguments[0](s).(string)
			part, isText := arguments[1](s).(string)
			return ok && isText && test(text, part)
		}, nil
	}
	if fold := folds[function]; fold != nil && len(arguments) == 1 {
		return func(s scope) any { text, _ := arguments[0](s).(string); return fold(text) }, nil
	}
	return nil, fmt.Errorf("an unknown function with name '%s' and %d arguments was found", function, len(arguments))
}

// compare applies an operator. Values of different types are not equal and
// have no order; null has no order either.
func compare(operator string, left, right any) bool {
	order, ordered := orderOf(left, right)
	switch operator {
	case "eq":
		return ordered && order == 0
	case "ne":
		return !ordered || order != 0
	case "gt":
		return ordered && order > 0 && left != nil
	case "ge":
		return ordered && order >= 0 && left != nil
	case "lt":
		return ordered && order < 0 && left != nil
	}
	return ordered && order <= 0 && left != nil
}

// orderOf compares two values of one type.
func orderOf(left, right any) (order int, ordered bool) {
	if left == nil || right == nil {
		return 0, left == nil && right == nil
	}
	switch l := left.(type) {
	case string:
		r, ok := right.(string)
		return cmp.Compare(l, r), ok
	case float64:
		r, ok := right.(float64)
		return cmp.Compare(l, r), ok
	case bool:
		r, ok := right.(bool)
		if l == r {
			return 0, ok
		}
		return 1, ok
	case time.Time:
		r, ok := right.(time.Time)
		return l.Compare(r), ok
	}
	return 0, false
}
