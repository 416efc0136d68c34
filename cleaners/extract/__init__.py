"""The extract stage: HTML → text with trafilatura, and what the page's mark-up says about each line of it.

Reading order:

page        one article in, one article out; text that came as text passes untouched
parse       HTML → tree, safe from what makes libxml2 and trafilatura drop text without a word
body        tree → text, exactly trafilatura's, without the steps that cannot change it
metadata    title, author, date, outlet from JSON-LD and meta tags first
byline      the author that a page shows but does not declare
dates       the date of publication, from what says it outright to what has to be looked for
rights      what a page says about itself beside its story: licences, robots, mining, paywall
marks       line of text → where it stood on the page
words       what the words of tags, classes and ids say, as a table
isolated    the same for many articles, in a process that may die without harm
child       that process
"""
