"""The rules of medicine and law: pure, standard library only; values in, a frozen decision with its reason out."""
